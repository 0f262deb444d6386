import { ticketBulk } from '@parley/contract/ticket-bulk';
import type { Binder } from '#platform/http/binder.ts';
import { bulkUpdateTickets } from './tickets.bulk-update.ts';
import { undoBulkUpdate } from './tickets.undo-bulk-update.ts';

export function bindTicketBulkRoutes(binder: Binder): void {
  binder.write(ticketBulk.update, (uow, { project, body }) => bulkUpdateTickets(uow, project, body));
  binder.write(ticketBulk.undo, (uow, { project, body }) => undoBulkUpdate(uow, project, body.undo_id));
}
