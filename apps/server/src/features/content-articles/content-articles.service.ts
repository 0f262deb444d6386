import {
  type ContentArticle,
  type ContentArticleCreate,
  type ContentArticleListQuery,
  type ContentArticleUpdate,
  EMBEDDINGS_MAX,
} from '@parley/contract/content-articles';
import type { PageOf } from '@parley/contract/schemas';
import { type Project, requireUser } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import type { NewEvent } from '#platform/events/event.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import { firstCharacters } from '#platform/text.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './content-articles.repo.ts';

/** Of one page: an article can be long. */
const MAX_LIMIT = 100;

/** Newest first; `is_enabled` is true, or anything else for false (tickets-api.md 4.4). */
export async function listContentArticles(
  context: ReadContext,
  project: Project,
  query: ContentArticleListQuery,
  url: URL,
): Promise<PageOf<ContentArticle>> {
  const { is_enabled: enabled, search } = query;
  const listed = {
    projectId: project.id,
    isEnabled: enabled === undefined ? undefined : enabled.toLowerCase() === 'true',
    search: search === undefined ? undefined : firstCharacters(search, 200),
  };
  const page = readPage(query, 100, MAX_LIMIT);
  const count = await repo.count(context.tx, listed);
  const results = (await repo.findMany(context.tx, listed, page)).map(present);
  return { count, ...pageLinks(url, page, count), results };
}

export async function showContentArticle(
  context: ReadContext,
  project: Project,
  id: string,
): Promise<ContentArticle> {
  const row = isUuid(id) ? await repo.find(context.tx, project.id, id) : undefined;
  if (!row) throw notFound();
  return present(row);
}

export async function createContentArticle(
  uow: Uow,
  project: Project,
  body: ContentArticleCreate,
): Promise<ContentArticle> {
  const row = await repo.insert(uow.tx, {
    body: '',
    is_enabled: true,
    channels: [],
    ...toColumns(body),
    title: body.title.trim(),
    project_id: project.id,
    id: newId(),
    created_by: requireUser(uow.actor).id,
    created_at: uow.now,
    updated_at: uow.now,
  });
  uow.emit(eventOf('content_articles.create', row));
  return showContentArticle(uow, project, row.id);
}

/** Changes the fields that are sent. */
export async function updateContentArticle(
  uow: Uow,
  project: Project,
  id: string,
  body: ContentArticleUpdate,
): Promise<ContentArticle> {
  const row = await lock(uow, project, id);
  const changes = toColumns(body);
  if (Object.keys(changes).length > 0) {
    const after = await repo.update(uow.tx, row, { ...changes, updated_at: uow.now });
    uow.emit(eventOf('content_articles.update', after));
  }
  return showContentArticle(uow, project, row.id);
}

export async function deleteContentArticle(uow: Uow, project: Project, id: string): Promise<void> {
  const row = await lock(uow, project, id);
  await repo.remove(uow.tx, row);
  uow.emit(eventOf('content_articles.delete', { ...row, version: row.version + 1 }));
}

async function lock(uow: Uow, project: Project, id: string): Promise<repo.ContentArticleRow> {
  const row = isUuid(id) ? await repo.lock(uow.tx, project.id, id) : undefined;
  if (!row) throw notFound();
  return row;
}

function toColumns({ title, body, is_enabled, channels, embeddings }: ContentArticleUpdate) {
  return {
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(body === undefined ? {} : { body }),
    ...(is_enabled === undefined ? {} : { is_enabled }),
    ...(channels === undefined ? {} : { channels: [...new Set(channels)] }),
    ...(embeddings === undefined ? {} : { embeddings: toJson(embeddings) }),
  };
}

function toJson(embeddings: unknown): string | null {
  const text = embeddings === null ? null : JSON.stringify(embeddings);
  if (text === null || text.length <= EMBEDDINGS_MAX) return text;
  throw invalid(
    'embeddings',
    `Ensure this field has no more than ${EMBEDDINGS_MAX} characters.`,
    'max_length',
  );
}

function eventOf(
  name: 'content_articles.create' | 'content_articles.update' | 'content_articles.delete',
  row: repo.ContentArticleRow,
): NewEvent {
  const { project_id, id, title, is_enabled, version } = row;
  return {
    name,
    projectId: project_id,
    resourceId: id,
    resourceVersion: version,
    payload: { id, title, is_enabled },
  };
}

function present(row: repo.ShownArticle): ContentArticle {
  return {
    ...row,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}
