import type { StoredLinkKind } from '@parley/db/tables-ticket-links';
import { recordActivities } from '#features/activities/activities.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import { userOf } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-links.repo.ts';

export interface LinkedPair {
  ticket: TicketRow;
  linked: TicketRow;
  /** What `linked` is to `ticket`. */
  kind: StoredLinkKind;
}

/** Links two tickets and tells of it on both. Undefined when they are linked that way already. */
export async function linkTickets(uow: Uow, pair: LinkedPair): Promise<string | undefined> {
  const { ticket, linked, kind } = pair;
  const id = newId();
  const isNew = await repo.insert(uow.tx, {
    project_id: ticket.project_id,
    id,
    ticket_id: ticket.id,
    linked_ticket_id: linked.id,
    kind,
    created_by: userOf(uow.actor)?.id ?? null,
    created_at: uow.now,
  });
  if (!isNew) return undefined;
  await reportLink(uow, 'ticket_links.create', id, pair);
  return id;
}

/** The link of a merge. It says what the merge's own activities say, so it has none. */
export async function linkMerged(uow: Uow, source: TicketRow, target: TicketRow): Promise<void> {
  await repo.insert(uow.tx, {
    project_id: source.project_id,
    id: newId(),
    ticket_id: source.id,
    linked_ticket_id: target.id,
    kind: 'merged',
    created_by: userOf(uow.actor)?.id ?? null,
    created_at: uow.now,
  });
}

export async function unlinkMerged(uow: Uow, source: TicketRow, target: TicketRow): Promise<void> {
  const pair = { ticketId: source.id, linkedId: target.id, kind: 'merged' } as const;
  await repo.removePair(uow.tx, source.project_id, pair);
}

/** The newest ticket of the customer that follows up on this one and is none of `except`, by id. */
export function findFollowUp(
  uow: Uow,
  ticket: TicketRow,
  customer: Pick<TicketRow, 'distinct_id'>,
  except: ReadonlySet<string>,
): Promise<string | undefined> {
  return repo.findFollowUp(uow.tx, ticket, customer.distinct_id, [...except]);
}

/** An activity and an event on either ticket, each naming the other one as it is seen from there. */
export async function reportLink(
  uow: Uow,
  name: 'ticket_links.create' | 'ticket_links.delete',
  linkId: string,
  { ticket, linked, kind }: LinkedPair,
): Promise<void> {
  const isNew = name === 'ticket_links.create';
  const [action, side] = isNew ? (['created', 'after'] as const) : (['deleted', 'before'] as const);
  const sides = [
    { own: ticket, other: linked, seenAs: kind },
    { own: linked, other: ticket, seenAs: kind === 'parent' ? 'child' : kind },
  ];
  for (const { own, other, seenAs } of sides) {
    const seen = { id: other.id, ticket_number: other.ticket_number, kind: seenAs };
    await recordActivities(uow, [
      {
        projectId: own.project_id,
        ticketId: own.id,
        ticketNumber: own.ticket_number,
        activity: isNew ? 'linked' : 'unlinked',
        changes: [{ type: 'Ticket', field: 'link', action, [side]: seen }],
      },
    ]);
    uow.emit({
      ...ticketEvent(name, own, { link_id: linkId, kind: seenAs, linked_ticket_id: other.id }),
      resourceId: linkId,
      resourceVersion: 1,
    });
  }
}
