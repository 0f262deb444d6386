import { messages } from '@parley/contract/messages';
import { tickets } from '@parley/contract/tickets';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { composeTicket } from './tickets.compose.ts';
import { createTicket } from './tickets.create.service.ts';

export function bindTicketIntakeRoutes(binder: Binder): void {
  binder.write(tickets.create, async (uow, { project, body }) => {
    const ticket = await createTicket(uow, project, body);
    return showTicket(uow, project, ticket.id);
  });
  binder.write(messages.compose, (uow, { project, body }) => composeTicket(uow, project, body));
}
