import { findFollowUp, linkTickets } from '#features/ticket-links/ticket-links.service.ts';
import { findHead } from '#features/ticket-merge/thread-head.service.ts';
import {
  type ChangeableTicket,
  findTicket,
  lockTicket,
  type TicketRow,
} from '#features/tickets/tickets.service.ts';
import { insertSibling } from '#features/tickets/tickets.sibling.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { followUpAfterMs } from './messages.rules.ts';

/** Where a customer's message goes. */
interface Place {
  /** The head of a thread. */
  head: TicketRow;
  /** The ticket that is written to: the head, or one merged into it. */
  written: TicketRow;
  /** The head was resolved long ago and nothing follows up on it yet. */
  opens: boolean;
}

/** Follow-ups of follow-ups that are looked through; beyond, another one is opened. */
const STEPS = 100;
/** Somebody may merge, resolve or delete between finding the place and locking it; each time only once they did so. */
const ATTEMPTS = 5;

/** Whether a ticket was resolved too long ago to go on (decisions.md 20). One without `resolved_at` never was. */
function isOver(uow: Uow, project: Project, { status, resolved_at }: TicketRow): boolean {
  const afterMs = followUpAfterMs(project);
  if (afterMs === undefined || status !== 'resolved' || resolved_at === null) return false;
  return resolved_at.getTime() + afterMs < uow.now.getTime();
}

/**
 * Goes from a ticket to the head of its thread and, where that is over, to what follows up on it, and so on. Merges can
 * lead back (a follow-up that is merged into what it followed): no thread is entered twice.
 */
async function findPlace(uow: Uow, project: Project, ticket: TicketRow): Promise<Place> {
  const seen = new Set<string>();
  let written = ticket;
  for (let step = 1; ; step += 1) {
    const head = await findHead(uow, project, written);
    if (!isOver(uow, project, head)) return { head, written, opens: false };
    for (const id of [written.id, head.id, ...head.merged_ticket_ids]) seen.add(id);
    const next = step < STEPS ? await findFollowUp(uow, head, written, seen) : undefined;
    if (next === undefined) return { head, written, opens: true };
    written = await findTicket(uow, project, next);
  }
}

/**
 * Locks the ticket that a customer's message to `ticket` goes to, opening a follow-up where there has to be one. The
 * place is found first and only its head is locked: un-merging locks whole threads in the order of ids.
 */
export async function lockPlace(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
): Promise<{ ticket: ChangeableTicket; isNew: boolean }> {
  let start = ticket;
  let place = await findPlace(uow, project, start);
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    const locked = await lockTicket(uow, project, place.head.id);
    start = locked.id === ticket.id ? locked : await findTicket(uow, project, ticket.id);
    const now = await findPlace(uow, project, start);
    const isSame = now.head.id === locked.id && now.written.id === place.written.id;
    place = now;
    if (!isSame) continue;
    if (place.opens) return { ticket: await openFollowUp(uow, project, locked, place.written), isNew: true };
    const via = place.written.id === locked.id ? {} : { via: place.written.id };
    return { ticket: { ...locked, ...via }, isNew: false };
  }
  throw new ApiError('conflict', 'The ticket is being changed again and again. Try again.');
}

/** A new ticket, linked as following up; the next messages on the old one go there too. */
async function openFollowUp(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  written: TicketRow,
): Promise<ChangeableTicket> {
  const options = { status: 'new', subject: written.email_subject } as const;
  const opened = await insertSibling(uow, project, written, options);
  await linkTickets(uow, { ticket: opened, linked: ticket, kind: 'follow_up' });
  return opened;
}
