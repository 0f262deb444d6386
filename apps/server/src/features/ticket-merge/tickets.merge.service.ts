import type { MergeBody } from '@parley/contract/ticket-merge';
import { recordActivities } from '#features/activities/activities.service.ts';
import { countThread } from '#features/messages/messages.figures.service.ts';
import { writeTeamMessage } from '#features/messages/tickets.reply.service.ts';
import { addToVocabulary } from '#features/tags/tags.service.ts';
import { linkMerged } from '#features/ticket-links/ticket-links.service.ts';
import { resolveAssignee } from '#features/tickets/tickets.assignee.service.ts';
import { changeTickets } from '#features/tickets/tickets.change.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { formerState } from '#features/tickets/tickets.former.service.ts';
import { type ChangeableTicket, requireSupport, type TicketRow } from '#features/tickets/tickets.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { authorize } from '#platform/authorized.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { bring } from './brought.ts';
import { checkCustomers, checkMergeable } from './merge-rules.ts';
import * as repo from './ticket-merges.repo.ts';

export type MergeOptions = Omit<MergeBody, 'target'>;
type MergeMessage = MergeOptions['source_message'];

export interface MergedTickets {
  source: ChangeableTicket;
  target: ChangeableTicket;
}

/**
 * Merges a ticket into another one (inbox.md 5.5): it is resolved, assigned to whoever merges and linked, and the
 * target shows the messages of both. It takes the tags, and the customer's other address as a CC participant. Both are locked and the project's merges are held. No message is moved.
 */
export async function mergeTickets(
  uow: Uow,
  project: Project,
  given: MergedTickets,
  options: MergeOptions = {},
): Promise<MergedTickets> {
  checkMergeable(given.source, given.target);
  if (!options.allow_different_customers) await checkCustomers(uow, given.source, given.target);
  const user = requireUser(uow.actor);
  const assignee = await resolveAssignee(uow, project, { type: 'user', id: user.id });
  const fromSource = await write(uow, project, given.source, options.source_message);
  const fromTarget = await write(uow, project, given.target, options.target_message);
  const [source, target] = [fromSource.ticket, fromTarget.ticket];
  const merged_ticket_ids = [...target.merged_ticket_ids, source.id, ...source.merged_ticket_ids];
  const { brought, fresh, changes } = await bring(uow, source, target);
  await addToVocabulary(uow, project.id, fresh.tags);
  const [left, right] = await changeTickets(uow, [
    {
      ticket: source,
      changes: {
        ...assignee,
        merged_into_id: target.id,
        status: 'resolved',
        snoozed_until: null,
        unread_team_count: 0,
        unread_customer_count: 0,
      },
    },
    {
      ticket: target,
      changes: {
        ...(await countThread(uow, { ...target, merged_ticket_ids })),
        ...changes,
        merged_ticket_ids,
        unread_team_count: target.unread_team_count + source.unread_team_count,
        unread_customer_count: target.unread_customer_count + source.unread_customer_count,
      },
    },
  ]);
  if (!left || !right) throw new Error('A merge changed less than two tickets.');
  const former = formerState(source, left.after) ?? { before: {}, after: {} };
  await repo.insert(uow.tx, {
    project_id: project.id,
    source_id: source.id,
    target_id: target.id,
    merged_at: uow.now,
    before: JSON.stringify(former.before),
    after: JSON.stringify(former.after),
    unread_team: source.unread_team_count,
    unread_customer: source.unread_customer_count,
    added_tags: brought.tags,
    added_cc: brought.cc,
    source_message_id: fromSource.messageId,
    target_message_id: fromTarget.messageId,
  });
  await linkMerged(uow, source, target);
  await reportMerge(uow, 'tickets.merge', left.after, right.after);
  return { source: left.after, target: right.after };
}

/** The message a merge leaves on one of its tickets: a note, unless it is said to go to the customer. */
async function write(uow: Uow, project: Project, ticket: ChangeableTicket, message: MergeMessage) {
  if (!message) return { ticket, messageId: null };
  const isPrivate = message.is_private ?? true;
  if (!isPrivate) requireSupport(project);
  const content = message.message.trim();
  const stored = await writeTeamMessage(uow, project, ticket, { content, richContent: null, isPrivate });
  return { ticket: authorize(stored.ticket, 'change', true), messageId: stored.id };
}

/** Tells of a merge, or of its end: on both tickets, and as one event. */
export async function reportMerge(
  uow: Uow,
  name: 'tickets.merge' | 'tickets.unmerge',
  source: TicketRow,
  target: TicketRow,
): Promise<void> {
  const refer = ({ id, ticket_number }: TicketRow) => ({ id, ticket_number });
  const isMerge = name === 'tickets.merge';
  const activity = isMerge ? 'merged' : 'unmerged';
  const [action, side] = isMerge ? (['created', 'after'] as const) : (['deleted', 'before'] as const);
  const entries = [
    { ticket: source, field: 'merged_into', other: target },
    { ticket: target, field: 'merged_ticket', other: source },
  ].map(({ ticket, field, other }) => ({
    projectId: ticket.project_id,
    ticketId: ticket.id,
    ticketNumber: ticket.ticket_number,
    activity: activity as 'merged' | 'unmerged',
    changes: [{ type: 'Ticket' as const, field, action, [side]: refer(other) }],
  }));
  await recordActivities(uow, entries);
  uow.emit(ticketEvent(name, source, { target_id: target.id, target_ticket_number: target.ticket_number }));
  // Unread messages change tickets, and those of resolved ones are not in the sum.
  uow.invalidate(unreadCountKey(source.project_id));
}
