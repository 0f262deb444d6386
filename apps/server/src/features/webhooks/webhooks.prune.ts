import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { lockUnlessTaken, update, type WebhookKey } from './webhooks.repo.ts';

const HOUR_MS = 3_600_000;
/** How long finished deliveries stay in the log. */
const KEPT_MS = 30 * 24 * HOUR_MS;
const BATCH = 1000;

/**
 * Removes a batch of a webhook's old deliveries, or of all of them and then itself once it was deleted. Answers whether
 * there may be more.
 */
export async function pruneDeliveries(uow: Uow, key: WebhookKey): Promise<boolean> {
  const webhook = await lockUnlessTaken(uow.tx, key);
  if (!webhook) return false;
  const { project_id, id, deleted_at } = webhook;
  const before = new Date(uow.now.getTime() - KEPT_MS);
  const { numAffectedRows } = await sql`
    delete from webhook_deliveries where project_id = ${project_id} and id = any(array(
      select oldest.id from (
        select id, state, created_at from webhook_deliveries
        where project_id = ${project_id} and webhook_id = ${id} order by id limit ${BATCH}) oldest
      where ${deleted_at !== null}::boolean
        or (oldest.state in ('delivered', 'failed') and oldest.created_at < ${before})))`.execute(uow.tx);
  if (numAffectedRows === BigInt(BATCH)) return true;
  if (deleted_at === null) {
    await update(uow.tx, webhook, { prune_at: new Date(uow.now.getTime() + HOUR_MS) });
  } else {
    await uow.tx.deleteFrom('webhooks').where('project_id', '=', project_id).where('id', '=', id).execute();
  }
  return false;
}

/** When a new webhook has something old for the first time. */
export function firstPrune(now: Date): Date {
  return new Date(now.getTime() + KEPT_MS);
}
