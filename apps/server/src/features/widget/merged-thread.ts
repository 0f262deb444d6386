import { findHeadId } from '#features/ticket-merge/thread-head.service.ts';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { Visitor } from './visitor.ts';
import { type AccessibleTicket, mayAccess, readAccess } from './widget-access.ts';

/** A merged thread as one visitor may see it. */
export interface VisitorThread {
  /** Whose status and unread count stand for it. */
  shown: AccessibleTicket;
  /** Every ticket whose messages are in the thread. */
  all: string[];
  /** Those of them whose messages the visitor may see: agents may merge tickets of different customers. */
  theirs: string[];
}

/**
 * The thread of a ticket that is merged, or that others are merged into. Where it goes on in a ticket of the visitor's,
 * that one is shown; where it goes on in somebody else's, only what was written to their own.
 */
export async function findThread(
  context: ReadContext,
  project: Project,
  visitor: Visitor,
  ticket: AccessibleTicket,
): Promise<VisitorThread> {
  const head = await findHead(context, project, visitor, ticket);
  const all = [head.id, ...head.merged_ticket_ids];
  const tickets = await readAccess(context, project, visitor, all);
  const accessible = tickets.filter(mayAccess).map(({ id }) => id);
  if (accessible.includes(head.id)) return { shown: head, all, theirs: accessible };
  const own = [ticket.id, ...ticket.merged_ticket_ids];
  return { shown: ticket, all, theirs: accessible.filter((id) => own.includes(id)) };
}

/** The ticket itself where what it goes on in was deleted. */
async function findHead(
  context: ReadContext,
  project: Project,
  visitor: Visitor,
  ticket: AccessibleTicket,
): Promise<AccessibleTicket> {
  if (ticket.merged_into_id === null) return ticket;
  const id = await findHeadId(context, project, ticket.id);
  const [head] = id === undefined ? [] : await readAccess(context, project, visitor, [id]);
  return head ?? ticket;
}
