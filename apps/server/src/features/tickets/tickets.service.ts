import type { Project } from '#platform/actor.ts';
import { ApiError, invalid, notFound } from '#platform/api-error.ts';
import { type Authorized, authorize } from '#platform/authorized.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { canChangeTickets } from './tickets.policy.ts';
import { find, lock, lockMany, parseTicketRef, type TicketRow } from './tickets.repo.ts';

export type { TicketRow } from './tickets.repo.ts';

/**
 * A ticket that its caller may change, locked until the transaction ends. `via` is the merged ticket that somebody is
 * writing to, where this one is the head of its thread: the message is that one's again when the merge is taken back.
 */
export type ChangeableTicket = Authorized<TicketRow, 'change'> & { readonly via?: string };

/** The ticket a path names, or 404. Deleted ones are not found. */
export async function findTicket(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<TicketRow> {
  const ref = parseTicketRef(idOrNumber);
  const ticket = ref && (await find(context.tx, project.id, ref));
  if (!ticket || ticket.deleted_at !== null) throw notFound();
  return ticket;
}

/** The ticket a field names: a wrong one is a wrong field, not a missing page. */
export async function findNamedTicket(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
  field: string,
): Promise<TicketRow> {
  return findTicket(context, project, idOrNumber).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'not_found')
      throw invalid(field, 'There is no such ticket.', 'does_not_exist');
    throw error;
  });
}

/** Locks the ticket a path names, for a change. 404 for a deleted one unless asked for. */
export async function lockTicket(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  options: { deleted?: boolean } = {},
): Promise<ChangeableTicket> {
  const ref = parseTicketRef(idOrNumber);
  const ticket = ref && (await lock(uow.tx, project.id, ref));
  if (!ticket || (ticket.deleted_at !== null) !== (options.deleted ?? false)) throw notFound();
  return authorize(ticket, 'change', canChangeTickets(project));
}

/** Locks those of the tickets that there are, for a change, in the order of their ids. Deleted ones when asked for. */
export async function lockTickets(
  uow: Uow,
  project: Project,
  ids: readonly string[],
  options: { withDeleted?: boolean } = {},
): Promise<ChangeableTicket[]> {
  const tickets = await lockMany(uow.tx, project.id, ids, options);
  return tickets.map((ticket) => authorize(ticket, 'change', canChangeTickets(project)));
}

/** Writing to customers needs Support to be on for the project. */
export function requireSupport(project: Project): void {
  if (!project.conversationsEnabled)
    throw new ApiError('support_disabled', 'Support is not enabled for this project.');
}
