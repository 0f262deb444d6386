import { ticketMerge } from '@parley/contract/ticket-merge';
import { findTicket, lockTicket } from '#features/tickets/tickets.service.ts';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { mergeByPath } from './tickets.merge.ts';
import { splitTicket } from './tickets.split.ts';
import { unmergeTicket } from './tickets.unmerge.service.ts';

export function bindTicketMergeRoutes(binder: Binder): void {
  binder.write(ticketMerge.merge, async (uow, { project, params, body }) => {
    const { id } = await mergeByPath(uow, project, params.id, body);
    return showTicket(uow, project, id);
  });
  binder.write(ticketMerge.unmerge, async (uow, { project, params }) => {
    const { id } = await findTicket(uow, project, params.id);
    await unmergeTicket(uow, project, id);
    return showTicket(uow, project, id);
  });
  binder.write(ticketMerge.split, async (uow, { project, params, body }) => {
    const part = await splitTicket(uow, project, await lockTicket(uow, project, params.id), body);
    return showTicket(uow, project, part.id);
  });
}
