import type { Project } from '#platform/actor.ts';
import { authorize } from '#platform/authorized.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { canChangeTickets } from './tickets.policy.ts';
import { insert, type NewTicket } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';

export type { NewTicket } from './tickets.repo.ts';

/** Inserts a ticket under the project's next number, which is taken as late as can be: what fails leaves a gap. */
export async function insertTicket(uow: Uow, project: Project, ticket: NewTicket): Promise<ChangeableTicket> {
  const ticket_number = await uow.takeNumber(ticket.project_id);
  return authorize(await insert(uow.tx, { ...ticket, ticket_number }), 'change', canChangeTickets(project));
}
