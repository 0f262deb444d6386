import type {
  GuidanceRule,
  GuidanceRuleCreate,
  GuidanceRuleListQuery,
  GuidanceRuleUpdate,
} from '@parley/contract/guidance-rules';
import type { PageOf } from '@parley/contract/schemas';
import { type Project, requireUser } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import type { NewEvent } from '#platform/events/event.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import { firstCharacters } from '#platform/text.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './guidance-rules.repo.ts';

/** Of one page: a rule can be long. */
const MAX_LIMIT = 100;

/** Newest first; `is_active` is true, or anything else for false (tickets-api.md 4.4). */
export async function listGuidanceRules(
  context: ReadContext,
  project: Project,
  query: GuidanceRuleListQuery,
  url: URL,
): Promise<PageOf<GuidanceRule>> {
  const { is_active: active, rule_type: ruleType, search } = query;
  const listed = {
    projectId: project.id,
    isActive: active === undefined ? undefined : active.toLowerCase() === 'true',
    ruleType,
    search: search === undefined ? undefined : firstCharacters(search, 200),
  };
  const page = readPage(query, 100, MAX_LIMIT);
  const count = await repo.count(context.tx, listed);
  const results = (await repo.findMany(context.tx, listed, page)).map(present);
  return { count, ...pageLinks(url, page, count), results };
}

export async function showGuidanceRule(
  context: ReadContext,
  project: Project,
  id: string,
): Promise<GuidanceRule> {
  const row = isUuid(id) ? await repo.find(context.tx, project.id, id) : undefined;
  if (!row) throw notFound();
  return present(row);
}

export async function createGuidanceRule(
  uow: Uow,
  project: Project,
  body: GuidanceRuleCreate,
): Promise<GuidanceRule> {
  const row = await repo.insert(uow.tx, {
    is_active: true,
    channels: [],
    ...toColumns(body),
    rule_type: body.rule_type,
    name: body.name.trim(),
    content: body.content,
    project_id: project.id,
    id: newId(),
    created_by: requireUser(uow.actor).id,
    created_at: uow.now,
    updated_at: uow.now,
  });
  uow.emit(eventOf('guidance_rules.create', row));
  return showGuidanceRule(uow, project, row.id);
}

/** Changes the fields that are sent. */
export async function updateGuidanceRule(
  uow: Uow,
  project: Project,
  id: string,
  body: GuidanceRuleUpdate,
): Promise<GuidanceRule> {
  const row = await lock(uow, project, id);
  const changes = toColumns(body);
  if (Object.keys(changes).length > 0) {
    const after = await repo.update(uow.tx, row, { ...changes, updated_at: uow.now });
    uow.emit(eventOf('guidance_rules.update', after));
  }
  return showGuidanceRule(uow, project, row.id);
}

export async function deleteGuidanceRule(uow: Uow, project: Project, id: string): Promise<void> {
  const row = await lock(uow, project, id);
  await repo.remove(uow.tx, row);
  uow.emit(eventOf('guidance_rules.delete', { ...row, version: row.version + 1 }));
}

async function lock(uow: Uow, project: Project, id: string): Promise<repo.GuidanceRuleRow> {
  const row = isUuid(id) ? await repo.lock(uow.tx, project.id, id) : undefined;
  if (!row) throw notFound();
  return row;
}

function toColumns({ rule_type, name, content, is_active, channels }: GuidanceRuleUpdate) {
  return {
    ...(rule_type === undefined ? {} : { rule_type }),
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(content === undefined ? {} : { content }),
    ...(is_active === undefined ? {} : { is_active }),
    ...(channels === undefined ? {} : { channels: [...new Set(channels)] }),
  };
}

function eventOf(
  name: 'guidance_rules.create' | 'guidance_rules.update' | 'guidance_rules.delete',
  row: repo.GuidanceRuleRow,
): NewEvent {
  const { project_id, id, is_active, version } = row;
  return {
    name,
    projectId: project_id,
    resourceId: id,
    resourceVersion: version,
    payload: { id, name: row.name, rule_type: row.rule_type, is_active },
  };
}

function present(row: repo.ShownRule): GuidanceRule {
  return {
    ...row,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}
