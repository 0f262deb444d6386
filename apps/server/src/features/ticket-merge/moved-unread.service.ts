import { sql } from 'kysely';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** A message for a merged ticket is unread in the head of its thread; un-merging gives that back. */
export async function countMovedUnread(
  uow: Uow,
  head: TicketRow,
  sourceId: string,
  added: { team: number; customer: number },
): Promise<void> {
  if (added.team + added.customer === 0) return;
  const targets = await repo.findTargets(uow.tx, head.project_id, sourceId);
  const merged = [sourceId, ...targets.filter((id) => id !== head.id)];
  await repo.addUnread(uow.tx, head.project_id, merged, added);
}

/** One side read the whole thread: no merge has anything unread of theirs to give back. */
export async function clearMovedUnread(uow: Uow, head: TicketRow, side: 'team' | 'customer'): Promise<void> {
  if (head.merged_ticket_ids.length === 0) return;
  const column = sql.ref(`unread_${side}`);
  await sql`
    update ticket_merges m set ${column} = 0
    where m.project_id = ${head.project_id} and m.${column} > 0
      and m.source_id = any(${[...head.merged_ticket_ids]}::uuid[])`.execute(uow.tx);
}
