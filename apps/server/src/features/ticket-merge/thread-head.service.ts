import {
  type ChangeableTicket,
  findTicket,
  lockTicket,
  lockTickets,
  type TicketRow,
} from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { holdClaim } from '#platform/claim.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** A merge may be made or undone between finding the head and locking it; each time only once somebody did so. */
const ATTEMPTS = 5;

/** One change of who is merged into whom at a time in a project: none of them is decided on what another changes. */
export async function holdMerges(uow: Uow, project: Project): Promise<void> {
  await holdClaim(uow, `ticket_merges:${project.id}`);
}

/** Locks the ticket in which the thread of a merged one goes on; it may be deleted. Undefined when there is none. */
async function lockHead(uow: Uow, project: Project, id: string): Promise<ChangeableTicket | undefined> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    const headId = await findHeadId(uow, project, id);
    if (headId === undefined) return undefined;
    const [head] = await lockTickets(uow, project, [headId], { withDeleted: true });
    if (head?.merged_into_id === null && head.merged_ticket_ids.includes(id)) return head;
  }
  throw new ApiError('conflict', 'The ticket is being merged again and again. Try again.');
}

/** The ticket in which the thread of a merged one goes on; it may be deleted. Undefined for one that is not merged. */
export async function findHeadId(
  context: ReadContext,
  project: Project,
  id: string,
): Promise<string | undefined> {
  return (await repo.findTargets(context.tx, project.id, id)).at(-1);
}

/** The ticket in which the thread of `ticket` goes on, perhaps itself, unlocked. 404 when it is deleted. */
export async function findHead(
  context: ReadContext,
  project: Project,
  ticket: TicketRow,
): Promise<TicketRow> {
  if (ticket.merged_into_id === null) return ticket;
  return findTicket(context, project, (await findHeadId(context, project, ticket.id)) ?? ticket.id);
}

/** Locks the ticket to which messages to `ticket` go: itself, or where its thread goes on (`via` says so). */
export async function lockForMessage(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
): Promise<ChangeableTicket> {
  // Known to be merged before it is locked: then only the head is, and no two rows are waited for.
  const known = ticket.merged_into_id === null ? undefined : await lockHead(uow, project, ticket.id);
  const locked = known ?? (await lockTicket(uow, project, ticket.id));
  const head =
    locked.merged_into_id === null ? locked : ((await lockHead(uow, project, locked.id)) ?? locked);
  if (head.deleted_at !== null)
    throw new ApiError('conflict', 'The ticket is merged into one that is deleted. Restore that one first.');
  return head.id === ticket.id ? head : { ...head, via: ticket.id };
}
