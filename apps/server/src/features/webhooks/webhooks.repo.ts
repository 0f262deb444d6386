import type { Schema } from '@parley/db/schema';
import type { WebhookDeliveriesTable, WebhooksTable } from '@parley/db/tables-webhooks';
import type { Insertable, Kysely, Selectable, Transaction, Updateable } from 'kysely';
import { sql } from 'kysely';

export type WebhookRow = Selectable<WebhooksTable>;
export type DeliveryRow = Selectable<WebhookDeliveriesTable>;
type Tx = Transaction<Schema>;

/** Names one webhook. */
export interface WebhookKey {
  project_id: number;
  id: string;
}

export function findMany(tx: Kysely<Schema>, projectId: number): Promise<WebhookRow[]> {
  return tx
    .selectFrom('webhooks')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export function find(tx: Kysely<Schema>, { project_id, id }: WebhookKey): Promise<WebhookRow | undefined> {
  return tx
    .selectFrom('webhooks')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/**
 * Locks a webhook, also a deleted one. The lock also keeps its lanes: whoever adds, claims or finishes a delivery holds
 * it, or a delivery might wait for one that has just been finished.
 */
export function lock(tx: Tx, { project_id, id }: WebhookKey): Promise<WebhookRow | undefined> {
  return tx
    .selectFrom('webhooks')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** The same, or undefined while another has it: it will do what there is to do. */
export function lockUnlessTaken(tx: Tx, { project_id, id }: WebhookKey): Promise<WebhookRow | undefined> {
  return tx
    .selectFrom('webhooks')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('id', '=', id)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
}

export function insert(tx: Tx, row: Insertable<WebhooksTable>): Promise<WebhookRow> {
  return tx.insertInto('webhooks').values(row).returningAll().executeTakeFirstOrThrow();
}

export function update(tx: Tx, key: WebhookKey, changes: Updateable<WebhooksTable>): Promise<WebhookRow> {
  return tx
    .updateTable('webhooks')
    .set(changes)
    .where('project_id', '=', key.project_id)
    .where('id', '=', key.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The number of the newest event of a project. */
export async function findLastSeq(tx: Kysely<Schema>, projectId: number): Promise<number> {
  const counter = tx.selectFrom('event_counters').select('last_seq').where('project_id', '=', projectId);
  return (await counter.executeTakeFirst())?.last_seq ?? 0;
}

/** The next in a lane goes on its way; the one before it has just been finished. */
export async function promote(
  tx: Tx,
  { project_id, id }: WebhookKey,
  lane: string,
  now: Date,
): Promise<void> {
  await sql`
    update webhook_deliveries set state = 'pending', next_attempt_at = ${now}
    where project_id = ${project_id} and id = (
      select id from webhook_deliveries
      where project_id = ${project_id} and webhook_id = ${id} and lane = ${lane} and state = 'waiting'
      order by seq limit 1)`.execute(tx);
}

export interface Figures {
  sending: number;
  /** When the first lease lapses. */
  leased_until: Date | null;
  pending: Date | null;
  /** Of a test, which no gate holds up. */
  test: Date | null;
}

/** What a webhook has under way, and when the next is due. */
export async function readFigures(
  tx: Tx,
  { project_id, id }: WebhookKey,
  testEvent: string,
): Promise<Figures> {
  const { rows } = await sql<Figures>`
    select
      (select count(*)::integer from webhook_deliveries
        where project_id = ${project_id} and webhook_id = ${id} and state = 'sending') as sending,
      (select min(leased_until) from webhook_deliveries
        where project_id = ${project_id} and webhook_id = ${id} and state = 'sending') as leased_until,
      (select min(next_attempt_at) from webhook_deliveries
        where project_id = ${project_id} and webhook_id = ${id} and state = 'pending') as pending,
      (select min(next_attempt_at) from webhook_deliveries
        where project_id = ${project_id} and webhook_id = ${id} and state = 'pending' and event = ${testEvent}
      ) as test`.execute(tx);
  return rows[0] ?? { sending: 0, leased_until: null, pending: null, test: null };
}
