import { TEST_EVENT, type WebhookReplay } from '@parley/contract/webhooks';
import { sql } from 'kysely';
import { requireSupport } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid, notFound } from '#platform/api-error.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { reschedule } from './webhooks.claim.ts';
import type { WebhookRow } from './webhooks.repo.ts';
import { lockWebhook } from './webhooks.service.ts';

/** Deliveries of one call: bounds how long the webhook is locked. */
const BATCH = 1000;

/** Sends again what is done, under the same webhook-id and with the same body; each gets all its attempts anew. */
export async function replayDeliveries(
  uow: Uow,
  project: Project,
  id: string,
  { delivery_id, failed_since }: WebhookReplay,
): Promise<{ replayed: number; has_more: boolean }> {
  if ((delivery_id === undefined) === (failed_since === undefined)) {
    throw invalid('delivery_id', 'Send either delivery_id or failed_since.');
  }
  requireSupport(project);
  const webhook = await lockWebhook(uow, project, id);
  if (!webhook.enabled) throw new ApiError('conflict', 'The webhook is off. Enable it first.');
  const lanes =
    delivery_id === undefined
      ? await requeueFailed(uow, webhook, toInstant(failed_since ?? ''))
      : await requeueOne(uow, webhook, delivery_id);
  await startLanes(uow, webhook, lanes);
  await reschedule(uow, webhook);
  return { replayed: lanes.length, has_more: lanes.length === BATCH };
}

async function requeueFailed(uow: Uow, webhook: WebhookRow, since: Date): Promise<string[]> {
  const { rows } = await sql<{ lane: string }>`
    update webhook_deliveries set state = 'waiting', tries = 0, finished_at = null
    where project_id = ${webhook.project_id} and id = any(array(
      select id from webhook_deliveries
      where project_id = ${webhook.project_id} and webhook_id = ${webhook.id} and state = 'failed'
        and created_at >= ${since} and event <> ${TEST_EVENT}
      order by id limit ${BATCH}))
    returning lane`.execute(uow.tx);
  return rows.map(({ lane }) => lane);
}

/** One that is not done yet is on its way anyway. */
async function requeueOne(uow: Uow, { project_id, id }: WebhookRow, deliveryId: string): Promise<string[]> {
  const { rows } = await sql<{ lane: string; state: string }>`
    select lane, state from webhook_deliveries
    where project_id = ${project_id} and webhook_id = ${id} and id = ${deliveryId}`.execute(uow.tx);
  const [delivery] = rows;
  if (!delivery) throw notFound();
  if (delivery.state !== 'delivered' && delivery.state !== 'failed') return [];
  await sql`
    update webhook_deliveries set state = 'waiting', tries = 0, finished_at = null
    where project_id = ${project_id} and id = ${deliveryId}`.execute(uow.tx);
  return [delivery.lane];
}

/** The first of each lane that has nothing on its way. */
async function startLanes(uow: Uow, { project_id, id }: WebhookRow, lanes: readonly string[]): Promise<void> {
  if (lanes.length === 0) return;
  await sql`
    update webhook_deliveries set state = 'pending', next_attempt_at = ${uow.now}
    where project_id = ${project_id} and id = any(array(
      select distinct on (d.lane) d.id from webhook_deliveries d
      where d.project_id = ${project_id} and d.webhook_id = ${id} and d.state = 'waiting'
        and d.lane = any(${[...new Set(lanes)]}::text[])
        and not exists (
          select 1 from webhook_deliveries on_way
          where on_way.project_id = d.project_id and on_way.webhook_id = d.webhook_id and on_way.lane = d.lane
            and on_way.state in ('pending', 'sending'))
      order by d.lane, d.seq))`.execute(uow.tx);
}
