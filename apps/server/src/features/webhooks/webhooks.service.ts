import type { PageOf } from '@parley/contract/schemas';
import type { Webhook } from '@parley/contract/webhooks';
import type { Project } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { presentWebhook } from './webhooks.present.ts';
import { find, findMany, lock, type WebhookRow } from './webhooks.repo.ts';

/** The webhooks of a project, oldest first. */
export async function listWebhooks(
  context: ReadContext,
  project: Project,
  call: { url: URL; query: { limit?: string; offset?: string } },
): Promise<PageOf<Webhook>> {
  const rows = await findMany(context.tx, project.id);
  return pageOfList(
    call,
    rows.map((row) => presentWebhook(row, context.now)),
  );
}

export async function showWebhook(context: ReadContext, project: Project, id: string): Promise<Webhook> {
  return presentWebhook(await findWebhook(context, project, id), context.now);
}

/** The webhook a path names, or 404. */
export async function findWebhook(context: ReadContext, project: Project, id: string): Promise<WebhookRow> {
  const row = isUuid(id) ? await find(context.tx, { project_id: project.id, id }) : undefined;
  if (!row) throw notFound();
  return row;
}

/** Locks the webhook a path names, or 404. */
export async function lockWebhook(uow: Uow, project: Project, id: string): Promise<WebhookRow> {
  const row = isUuid(id) ? await lock(uow.tx, { project_id: project.id, id }) : undefined;
  if (!row || row.deleted_at !== null) throw notFound();
  return row;
}
