import type { Schema } from '@parley/db/schema';
import type { WebhookDeliveriesTable } from '@parley/db/tables-webhooks';
import { type Insertable, type Kysely, sql } from 'kysely';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { messageOf, type StoredEvent, wants } from './webhooks.message.ts';
import { findLastSeq, lockUnlessTaken, update, type WebhookKey, type WebhookRow } from './webhooks.repo.ts';

/** Events looked at in one transaction. */
const BATCH = 500;

type NewDelivery = Insertable<WebhookDeliveriesTable>;

/** Numbered events of a project after a number, oldest first. */
export async function readStoredEvents(
  tx: Kysely<Schema>,
  projectId: number,
  after: number,
  limit: number,
): Promise<StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    select project_id, seq, name, resource_id, resource_version, ticket_id, actor, payload, created_at
    from events where project_id = ${projectId} and seq > ${after} order by seq limit ${limit}`.execute(tx);
  return rows;
}

/**
 * Makes deliveries of the events after a webhook's cursor and moves it, together: an event is never left out and never
 * taken twice. Answers whether there may be more. A webhook that is off keeps its cursor, and goes on from there.
 */
export async function fanOut(uow: Uow, key: WebhookKey): Promise<boolean> {
  const webhook = await lockUnlessTaken(uow.tx, key);
  if (!webhook?.enabled) return false;
  // Read first: every event up to this number is there to be read, or was removed with age.
  const newest = await findLastSeq(uow.tx, webhook.project_id);
  const events = await readStoredEvents(uow.tx, webhook.project_id, webhook.cursor_seq, BATCH);
  const last = events.at(-1);
  if (!last) {
    if (newest > webhook.cursor_seq) await update(uow.tx, webhook, { cursor_seq: newest });
    return false;
  }
  const wanted = events.filter((event) => wants(webhook.events, event));
  if (wanted.length > 0) await insertDeliveries(uow, webhook, wanted);
  const isIdle = webhook.next_due_at === null || webhook.next_due_at > uow.now;
  await update(uow.tx, webhook, {
    cursor_seq: last.seq,
    // Claiming works out when it is really due: the breaker may be open.
    ...(wanted.length > 0 && isIdle ? { next_due_at: uow.now } : {}),
  });
  return events.length === BATCH;
}

async function insertDeliveries(
  uow: Uow,
  webhook: WebhookRow,
  events: readonly StoredEvent[],
): Promise<void> {
  const rows = events.map((event) => toDelivery(uow, webhook, event));
  const lanes = [...new Set(rows.map(({ lane }) => lane))];
  const { rows: busy } = await sql<{ lane: string }>`
    select distinct lane from webhook_deliveries
    where project_id = ${webhook.project_id} and webhook_id = ${webhook.id}
      and state in ('waiting', 'pending', 'sending') and lane = any(${lanes}::text[])`.execute(uow.tx);
  const taken = new Set(busy.map(({ lane }) => lane));
  const queued = rows.map((row): NewDelivery => {
    if (taken.has(row.lane)) return row;
    taken.add(row.lane);
    return { ...row, state: 'pending', next_attempt_at: uow.now };
  });
  await uow.tx.insertInto('webhook_deliveries').values(queued).execute();
}

function toDelivery(uow: Uow, webhook: WebhookRow, event: StoredEvent): NewDelivery {
  const id = newId();
  return {
    project_id: webhook.project_id,
    id,
    webhook_id: webhook.id,
    seq: event.seq,
    event: event.name,
    ticket_id: event.ticket_id,
    lane: event.ticket_id ?? event.resource_id,
    payload: JSON.stringify(messageOf(id, event)),
    state: 'waiting',
    next_attempt_at: null,
    created_at: uow.now,
  };
}
