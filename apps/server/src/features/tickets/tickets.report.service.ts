import { type Change, type NewActivity, recordActivities } from '#features/activities/activities.service.ts';
import { forgetBroughtTags } from '#features/ticket-merge/brought-tags.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { assigneeProperties, describeAssignee, isSameAssignee } from './tickets.assignee.service.ts';
import { ccChanges, crossesResolved, fieldChanges, tagChanges, unloggedFields } from './tickets.changes.ts';
import { ticketEvent } from './tickets.events.ts';
import type { TicketRow } from './tickets.repo.ts';
import { unreadCountKey } from './tickets.unread-count.service.ts';

export interface TicketTransition {
  before: TicketRow;
  after: TicketRow;
}

/**
 * Reports changed tickets everywhere a change is reported: activities, events, the unread sum. Every operation that
 * changes fields of a ticket ends here, so that none of them can forget one.
 */
export async function reportChanges(uow: Uow, transitions: readonly TicketTransition[]): Promise<void> {
  const activities: NewActivity[] = [];
  const describe = rememberAssignees(uow);
  for (const { before, after } of transitions) {
    const fields = [...fieldChanges(before, after), ...ccChanges(before, after)];
    const tags = tagChanges(before, after);
    if (fields.length > 0) activities.push(activityOf(after, 'updated', fields));
    for (const change of tags) activities.push(activityOf(after, 'updated', [change]));
    const names = [...fields, ...tags].map((change) => change.field);
    names.push(...unloggedFields(before, after));
    if (!isSameAssignee(before, after)) {
      const change: Change = {
        type: 'Ticket',
        field: 'assignee',
        action: 'changed',
        before: await describe(before),
        after: await describe(after),
      };
      activities.push(activityOf(after, 'assigned', [change]));
      names.push('assignee');
    }
    emitChanges(uow, before, after, [...new Set(names)]);
  }
  await recordActivities(uow, activities);
  await forgetTaken(uow, transitions);
}

/** What was taken off a ticket that others are merged into is not theirs to take back any more. */
async function forgetTaken(uow: Uow, transitions: readonly TicketTransition[]): Promise<void> {
  const merged = transitions.filter(({ before }) => before.merged_ticket_ids.length > 0);
  const removed = merged.flatMap(({ before, after }) => {
    const tags = removedTags(before, after);
    return tags.length > 0 ? [{ id: after.id, tags }] : [];
  });
  const [first] = merged;
  if (first) await forgetBroughtTags(uow, first.after.project_id, removed);
}

function removedTags(before: TicketRow, after: TicketRow): string[] {
  return before.tags.filter((name) => !after.tags.includes(name));
}

/** A bulk action gives hundreds of tickets to one assignee, who is looked up once. */
function rememberAssignees(uow: Uow) {
  const known = new Map<string, Promise<object | null>>();
  return ({ assignee_user_id, assignee_role_id }: TicketRow): Promise<object | null> => {
    const columns = { assignee_user_id, assignee_role_id };
    const key = JSON.stringify(columns);
    const found = known.get(key) ?? describeAssignee(uow, columns);
    known.set(key, found);
    return found;
  };
}

/** Reports what a status rule did to a ticket besides the message that set it off. */
export async function reportRuleEffects(uow: Uow, before: TicketRow, after: TicketRow): Promise<void> {
  if (fieldChanges(before, after).length > 0) await reportChanges(uow, [{ before, after }]);
}

function activityOf(
  ticket: TicketRow,
  activity: NewActivity['activity'],
  changes: readonly Change[],
): NewActivity {
  return {
    projectId: ticket.project_id,
    ticketId: ticket.id,
    ticketNumber: ticket.ticket_number,
    activity,
    changes,
  };
}

function emitChanges(uow: Uow, before: TicketRow, after: TicketRow, fields: readonly string[]): void {
  const changed = { fields, removed_tags: removedTags(before, after) };
  uow.emit(ticketEvent('tickets.update', after, changed));
  if (before.status !== after.status) {
    uow.emit(
      ticketEvent('tickets.change_status', after, { old_status: before.status, new_status: after.status }),
    );
  }
  if (before.priority !== after.priority) {
    uow.emit(
      ticketEvent('tickets.change_priority', after, {
        old_priority: before.priority,
        new_priority: after.priority,
      }),
    );
  }
  if (!isSameAssignee(before, after)) {
    uow.emit(ticketEvent('tickets.assign', after, assigneeProperties(after)));
  }
  if (crossesResolved(before, after)) uow.invalidate(unreadCountKey(after.project_id));
}
