import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { ROW } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';

/** Gives locked tickets of one project to a browser; whichever had them has them no longer. */
export async function moveToSession(
  uow: Uow,
  projectId: number,
  tickets: readonly ChangeableTicket[],
  session: Buffer,
): Promise<void> {
  if (tickets.length === 0) return;
  const moved = await uow.tx
    .updateTable('tickets')
    .set({ widget_session_hash: session, version: sql`version + 1` })
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${tickets.map(({ id }) => id)}::uuid[])`)
    .returning(ROW)
    .execute();
  for (const ticket of moved) uow.emit(ticketEvent('widget.restore', ticket));
}
