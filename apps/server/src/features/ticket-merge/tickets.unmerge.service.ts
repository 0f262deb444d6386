import { countThread } from '#features/messages/messages.figures.service.ts';
import { returnMessages, withdrawNotes } from '#features/messages/messages.move.service.ts';
import { unlinkMerged } from '#features/ticket-links/ticket-links.service.ts';
import {
  changeTickets,
  type TicketChange,
  type TicketChanges,
} from '#features/tickets/tickets.change.service.ts';
import { canStillHave, type FormerState, returnToFormer } from '#features/tickets/tickets.former.service.ts';
import { type ChangeableTicket, lockTickets } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { takeAlong } from './brought.ts';
import { holdMerges } from './thread-head.service.ts';
import * as repo from './ticket-merges.repo.ts';
import { reportMerge } from './tickets.merge.service.ts';

/** How a ticket was merged; undefined when it is not. */
export function findMerge(uow: Uow, project: Project, id: string): Promise<repo.MergeRow | undefined> {
  return repo.find(uow.tx, project.id, id);
}

interface Unmerge {
  source: ChangeableTicket;
  /** The tickets its thread went on in, nearest first. */
  targets: ChangeableTicket[];
  merge: repo.MergeRow;
}

/**
 * Takes the merge of a ticket back, at any time after it (case I102): both threads show what they would without it,
 * and what was written to the ticket meanwhile comes to it. Fields somebody changed since stay.
 */
export async function unmergeTicket(uow: Uow, project: Project, id: string): Promise<ChangeableTicket> {
  const found = await lockAll(uow, project, id);
  const { source, targets, merge } = found;
  const family = new Set([source.id, ...source.merged_ticket_ids]);
  await returnMessages(
    uow,
    project.id,
    targets.map((target) => target.id),
    [...family],
  );
  const notes = [merge.source_message_id, merge.target_message_id].filter((note) => note !== null);
  await withdrawNotes(uow, [source, ...targets], notes);
  await repo.remove(uow.tx, project.id, source.id);
  const unread = await giveBackUnread(uow, found);
  const changes: TicketChange[] = [
    {
      ticket: source,
      changes: {
        ...(await formerFields(uow, project, found)),
        ...(await countThread(uow, source)),
        merged_into_id: null,
        unread_team_count: source.unread_team_count + unread.team,
        unread_customer_count: source.unread_customer_count + unread.customer,
      },
    },
  ];
  const taken = await takeAlong(uow, merge, targets);
  for (const [index, target] of targets.entries()) {
    const merged_ticket_ids = target.merged_ticket_ids.filter((merged) => !family.has(merged));
    const figures = await countThread(uow, { ...target, merged_ticket_ids });
    const isHead = target.merged_into_id === null;
    const head = {
      unread_team_count: target.unread_team_count - unread.team,
      unread_customer_count: target.unread_customer_count - unread.customer,
    };
    const fields = { ...figures, ...taken[index], merged_ticket_ids, ...(isHead ? head : {}) };
    changes.push({ ticket: target, changes: fields });
  }
  const [left, right] = await changeTickets(uow, changes);
  if (!left || !right) throw new Error('An end of a merge changed less than two tickets.');
  await unlinkMerged(uow, left.after, right.after);
  await reportMerge(uow, 'tickets.unmerge', left.after, right.after);
  return left.after;
}

/** The ticket and everything its thread went on in, locked in the order of ids while no merge can change. */
async function lockAll(uow: Uow, project: Project, id: string): Promise<Unmerge> {
  await holdMerges(uow, project);
  const targetIds = await repo.findTargets(uow.tx, project.id, id);
  const locked = await lockTickets(uow, project, [id, ...targetIds], { withDeleted: true });
  const tickets = new Map(locked.map((ticket) => [ticket.id, ticket]));
  const source = tickets.get(id);
  if (!source) throw notFound();
  const merge = await repo.find(uow.tx, project.id, id);
  const targets = targetIds.flatMap((targetId) => tickets.get(targetId) ?? []);
  if (!merge || source.merged_into_id === null || targets.length !== targetIds.length)
    throw new ApiError('not_merged', `#${source.ticket_number} is not merged.`);
  return { source, targets, merge };
}

/** What the ticket brought to the head's counters and nobody has read yet. */
async function giveBackUnread(uow: Uow, { merge, targets }: Unmerge) {
  const head = targets.at(-1);
  const team = Math.min(merge.unread_team, head?.unread_team_count ?? 0);
  const customer = Math.min(merge.unread_customer, head?.unread_customer_count ?? 0);
  const between = targets.slice(0, -1).map((target) => target.id);
  const taken = { team: -team, customer: -customer };
  if (between.length > 0) await repo.addUnread(uow.tx, merge.project_id, between, taken);
  return { team, customer };
}

async function formerFields(uow: Uow, project: Project, { source, merge }: Unmerge): Promise<TicketChanges> {
  // Written by formerState, in the merge.
  const former: FormerState = { before: merge.before, after: merge.after };
  const { changes } = returnToFormer({ ...source, merged_into_id: null }, former, uow.now);
  if (await canStillHave(uow, project, changes)) return changes;
  const { assignee_user_id: _user, assignee_role_id: _role, ...others } = changes;
  return others;
}
