import { TEST_EVENT } from '@parley/contract/webhooks';
import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import type { WebhookKey, WebhookRow } from './webhooks.repo.ts';
import { type DeliveryRow, lockUnlessTaken, readFigures, update } from './webhooks.repo.ts';
import { isHeld } from './webhooks.schedule.ts';

/** Deliveries on their way to one endpoint, on all nodes together. */
const PER_ENDPOINT = 4;
/** Longer than an attempt can take, with room for clocks of nodes that differ. */
export const LEASE_MS = 60_000;

/** A delivery that this process may send until its lease lapses, and where to. */
export interface Claimed {
  webhook: WebhookRow;
  delivery: DeliveryRow;
}

/** How many deliveries an endpoint may have on their way. One that fails is tried with one at a time. */
function capacityOf(webhook: WebhookRow): number {
  return webhook.failures > 0 ? 1 : PER_ENDPOINT;
}

/**
 * Takes what is due of one webhook, at most `room`. A lease that lapsed belongs to a dead process: whether its post
 * arrived is not known, so it is sent again under the same webhook-id.
 */
export async function claim(uow: Uow, key: WebhookKey, room: number): Promise<Claimed[]> {
  const webhook = await lockUnlessTaken(uow.tx, key);
  if (!webhook || webhook.deleted_at !== null) return [];
  await takeBackLapsed(uow, webhook);
  const { sending } = await readFigures(uow.tx, webhook, TEST_EVENT);
  const free = Math.min(room, PER_ENDPOINT - sending);
  const tests = await take(uow, webhook, free, true);
  const isOpen = webhook.enabled && !isHeld(webhook, uow.now);
  const left = Math.min(free, capacityOf(webhook) - sending) - tests.length;
  const rest = isOpen ? await take(uow, webhook, left, false) : [];
  await reschedule(uow, webhook);
  return [...tests, ...rest].map((delivery) => ({ webhook, delivery }));
}

async function takeBackLapsed(uow: Uow, { project_id, id }: WebhookKey): Promise<void> {
  await sql`
    update webhook_deliveries set state = 'pending', next_attempt_at = ${uow.now}, leased_until = null
    where project_id = ${project_id} and webhook_id = ${id} and state = 'sending' and leased_until <= ${uow.now}`.execute(
    uow.tx,
  );
}

async function take(
  uow: Uow,
  { project_id, id }: WebhookKey,
  count: number,
  isTest: boolean,
): Promise<DeliveryRow[]> {
  if (count <= 0) return [];
  const until = new Date(uow.now.getTime() + LEASE_MS);
  const { rows } = await sql<DeliveryRow>`
    update webhook_deliveries set state = 'sending', leased_until = ${until}, next_attempt_at = null,
      lease_token = lease_token + 1, attempts = attempts + 1, tries = tries + 1
    where project_id = ${project_id} and id = any(array(
      select id from webhook_deliveries
      where project_id = ${project_id} and webhook_id = ${id} and state = 'pending'
        and next_attempt_at <= ${uow.now} and (event = ${TEST_EVENT}) = ${isTest}
      order by next_attempt_at, seq limit ${count}))
    returning *`.execute(uow.tx);
  return rows;
}

/** Works out when a webhook is due next. The caller holds its lock. */
export async function reschedule(uow: Uow, webhook: WebhookRow): Promise<void> {
  const { sending, leased_until, pending, test } = await readFigures(uow.tx, webhook, TEST_EVENT);
  const times: (Date | null)[] = [leased_until];
  if (sending < PER_ENDPOINT) times.push(test);
  if (webhook.enabled && pending && sending < capacityOf(webhook)) {
    const held = webhook.held_until;
    times.push(held !== null && held > pending ? held : pending);
  }
  const due = times.filter((time) => time !== null).map((time) => time.getTime());
  const next_due_at = due.length > 0 ? new Date(Math.min(...due)) : null;
  if (next_due_at?.getTime() !== webhook.next_due_at?.getTime())
    await update(uow.tx, webhook, { next_due_at });
}
