import type { Change } from '#features/activities/activities.service.ts';
import { formatInstant } from '#platform/instant.ts';
import type { TicketChanges, TicketRow } from './tickets.repo.ts';

/** Fields whose changes are logged (tickets-api.md 6.4). */
const LOGGED = ['status', 'priority', 'sla_due_at', 'snoozed_until'] as const;
/** Fields whose changes are reported by name only. */
const UNLOGGED = ['anonymous_traits', 'ai_resolved', 'escalation_reason'] as const;

function toJson(value: unknown): unknown {
  return value instanceof Date ? formatInstant(value) : (value ?? null);
}

/** What differs between two states of a ticket in the logged fields; instants are compared as instants. */
export function fieldChanges(before: TicketRow, after: TicketRow): Change[] {
  return LOGGED.flatMap((field) => {
    const [old, fresh] = [toJson(before[field]), toJson(after[field])];
    return old === fresh
      ? []
      : [{ type: 'Ticket', field, action: 'changed', before: old, after: fresh } as const];
  });
}

/** Fields that differ but are not logged. JSON comes out of the database in one order of keys. */
export function unloggedFields(before: TicketRow, after: TicketRow): string[] {
  return UNLOGGED.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}

function itemChanges(field: string, before: readonly unknown[], after: readonly unknown[]): Change[] {
  const [old, fresh] = [before, after].map((items) => new Set(items.map((item) => JSON.stringify(item))));
  const added = after.filter((item) => !old?.has(JSON.stringify(item)));
  const removed = before.filter((item) => !fresh?.has(JSON.stringify(item)));
  return [
    ...added.map((item) => ({ type: 'Ticket', field, action: 'created', after: item }) as const),
    ...removed.map((item) => ({ type: 'Ticket', field, action: 'deleted', before: item }) as const),
  ];
}

export function tagChanges(before: TicketRow, after: TicketRow): Change[] {
  return itemChanges('tag', before.tags, after.tags);
}

/** Who else gets what is written to the customer (inbox.md 16). */
export function ccChanges(before: TicketRow, after: TicketRow): Change[] {
  return itemChanges('cc_participants', before.cc_participants, after.cc_participants);
}

/**
 * The status a snooze brings along: setting one puts the ticket on hold, clearing it opens it, moving it leaves the
 * status alone (tickets-api.md 2.5 rule 4).
 */
export function statusAfterSnooze(ticket: TicketRow, snoozedUntil: Date | null): TicketRow['status'] {
  if (ticket.snoozed_until === null && snoozedUntil !== null) return 'on_hold';
  if (ticket.snoozed_until !== null && snoozedUntil === null) return 'open';
  return ticket.status;
}

/** The status of a ticket whose snooze ends by itself (decisions.md 21). */
export function statusAfterWaking(status: TicketRow['status']): TicketRow['status'] {
  return status === 'resolved' ? status : 'open';
}

/**
 * Whether changes would bring a merged ticket back to work by itself: its thread goes on in another one, whose status
 * and snooze count. Every operation that changes those of a ticket asks this.
 */
export function reopensMerged(
  ticket: Pick<TicketRow, 'merged_into_id' | 'status' | 'snoozed_until'>,
  { status = ticket.status, snoozed_until = ticket.snoozed_until }: TicketChanges,
): boolean {
  if (ticket.merged_into_id === null) return false;
  return status !== ticket.status || toJson(snoozed_until) !== toJson(ticket.snoozed_until);
}

/** What says so. */
export function mergedDetail({ ticket_number }: Pick<TicketRow, 'ticket_number'>): string {
  return `#${ticket_number} is merged: its status and snooze are those of the ticket where its thread goes on.`;
}

/** resolved_at follows the status. */
export function withResolvedAt(
  ticket: Pick<TicketRow, 'status'>,
  changes: TicketChanges,
  now: Date,
): TicketChanges {
  if (changes.status === undefined || changes.status === ticket.status) return changes;
  return { ...changes, resolved_at: changes.status === 'resolved' ? now : null };
}

/** Whether the project's unread sum may differ afterwards. */
export function crossesResolved(before: TicketRow, after: TicketRow): boolean {
  return (before.status === 'resolved') !== (after.status === 'resolved');
}
