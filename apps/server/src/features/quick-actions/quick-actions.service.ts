import type { QuickAction, QuickActionCreate, QuickActionUpdate } from '@parley/contract/quick-actions';
import type { PageOf } from '@parley/contract/schemas';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { newId, newShortId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { quickActionEvent } from './quick-actions.events.ts';
import * as repo from './quick-actions.repo.ts';
import { mergeActions, readActions, requireEffect } from './quick-actions.rules.ts';

/** One clash of short ids is unlikely (46 bits); three in a row mean that something else is wrong. */
const SHORT_ID_ATTEMPTS = 3;
/** Of one page: each may hold a long text. */
const MAX_LIMIT = 200;

function readerOf(context: ReadContext, project: Project): repo.Reader {
  return { projectId: project.id, userId: requireUser(context.actor).id };
}

/** Newest first (tickets-api.md 4.2). */
export async function listQuickActions(
  context: ReadContext,
  project: Project,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<PageOf<QuickAction>> {
  const reader = readerOf(context, project);
  const page = readPage(query, 100, MAX_LIMIT);
  const count = await repo.count(context.tx, reader);
  const rows = await repo.findMany(context.tx, reader, page);
  return { count, ...pageLinks(url, page, count), results: rows.map(present) };
}

/** One quick action, or 404: another's personal one is as good as none. */
export async function showQuickAction(
  context: ReadContext,
  project: Project,
  shortId: string,
): Promise<QuickAction> {
  const row = await repo.find(context.tx, readerOf(context, project), shortId);
  if (!row) throw notFound();
  return present(row);
}

export async function createQuickAction(
  uow: Uow,
  project: Project,
  body: QuickActionCreate,
): Promise<QuickAction> {
  const rich = checkRichContent(body.rich_content);
  const fields = {
    project_id: project.id,
    id: newId(),
    name: body.name.trim(),
    description: body.description ?? '',
    content: body.content ?? '',
    shortcut: body.shortcut ?? null,
    folder: body.folder ?? null,
    visibility: body.visibility ?? ('team' as const),
    created_by: requireUser(uow.actor).id,
    created_at: uow.now,
    updated_at: uow.now,
  };
  const actions = readActions(body.actions ?? {});
  requireEffect({ content: fields.content, rich_content: rich, actions });
  const row = await insert(uow, {
    ...fields,
    rich_content: rich === null ? null : JSON.stringify(rich),
    actions: JSON.stringify(actions),
  });
  uow.emit(quickActionEvent('quick_actions.create', row));
  return showQuickAction(uow, project, row.short_id);
}

async function insert(
  uow: Uow,
  row: Omit<Parameters<typeof repo.insert>[1], 'short_id'>,
): Promise<repo.QuickActionRow> {
  for (let tries = 1; tries <= SHORT_ID_ATTEMPTS; tries += 1) {
    const stored = await repo.insert(uow.tx, { ...row, short_id: newShortId() });
    if (stored) return stored;
  }
  throw new Error('No free short id for a quick action.');
}

async function lock(uow: Uow, project: Project, shortId: string): Promise<repo.QuickActionRow> {
  const row = await repo.lock(uow.tx, readerOf(uow, project), shortId);
  if (!row) throw notFound();
  return row;
}

/** Changes the fields that are sent. Who sees it is for its creator to narrow (case 151). */
export async function updateQuickAction(
  uow: Uow,
  project: Project,
  shortId: string,
  body: QuickActionUpdate,
): Promise<QuickAction> {
  const row = await lock(uow, project, shortId);
  const { name, description, content, rich_content, actions, visibility, shortcut, folder } = body;
  if (visibility === 'personal' && row.visibility === 'team' && row.created_by !== requireUser(uow.actor).id)
    throw invalid('visibility', 'Only the creator of a quick action can make it personal.');
  const rich = rich_content === undefined ? row.rich_content : checkRichContent(rich_content);
  const merged = actions === undefined ? row.actions : mergeActions(row.actions, actions);
  requireEffect({ content: content ?? row.content, rich_content: rich, actions: merged });
  const changes = {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(description === undefined ? {} : { description }),
    ...(content === undefined ? {} : { content }),
    ...(rich_content === undefined ? {} : { rich_content: rich === null ? null : JSON.stringify(rich) }),
    ...(actions === undefined ? {} : { actions: JSON.stringify(merged) }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(shortcut === undefined ? {} : { shortcut }),
    ...(folder === undefined ? {} : { folder }),
  };
  if (Object.keys(changes).length > 0) {
    const after = await repo.update(uow.tx, row, { ...changes, updated_at: uow.now });
    uow.emit(quickActionEvent('quick_actions.update', after));
  }
  return showQuickAction(uow, project, shortId);
}

export async function deleteQuickAction(uow: Uow, project: Project, shortId: string): Promise<void> {
  const row = await lock(uow, project, shortId);
  await repo.remove(uow.tx, row);
  uow.emit(quickActionEvent('quick_actions.delete', { ...row, version: row.version + 1 }));
}

/** The client applies it; this counts that it did. */
export async function useQuickAction(uow: Uow, project: Project, shortId: string): Promise<QuickAction> {
  await repo.countUse(uow.tx, await lock(uow, project, shortId), uow.now);
  return showQuickAction(uow, project, shortId);
}

function present(row: repo.ShownQuickAction): QuickAction {
  const { project_id, updated_at, author, ...shown } = row;
  return {
    ...shown,
    last_used_at: row.last_used_at && formatInstant(row.last_used_at),
    created_at: formatInstant(row.created_at),
    created_by: author,
  };
}
