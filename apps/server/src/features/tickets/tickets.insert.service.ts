import type { Project } from '#platform/actor.ts';
import { authorize } from '#platform/authorized.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { canChangeTickets } from './tickets.policy.ts';
import { insert, type NewTicket } from './tickets.repo.ts';
import type { ChangeableTicket } from './tickets.service.ts';

export type { NewTicket } from './tickets.repo.ts';

/**
 * Inserts a ticket under the project's next number. The number's row stays locked until the transaction ends, so do
 * everything slow before.
 */
export async function insertTicket(uow: Uow, project: Project, ticket: NewTicket): Promise<ChangeableTicket> {
  return authorize(await insert(uow.tx, ticket), 'change', canChangeTickets(project));
}
