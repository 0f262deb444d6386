import type { BulkUpdate } from '@parley/contract/ticket-bulk';
import { TICKET_TAGS_MAX } from '@parley/contract/tickets';
import { addToVocabulary } from '#features/tags/tags.service.ts';
import { type AssigneeColumns, resolveAssignee } from '#features/tickets/tickets.assignee.service.ts';
import { applyTags, readBulkTags } from '#features/tickets/tickets.bulk-tags.service.ts';
import {
  changeTickets,
  mergedDetail,
  reopensMerged,
  statusAfterSnooze,
  type TicketChange,
  type TicketChanges,
} from '#features/tickets/tickets.change.service.ts';
import { lockTickets, type TicketRow } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { BulkResult } from './bulk-result.ts';
import { changedFields } from './undo.service.ts';

/** What is wanted of every ticket, checked once for all. */
interface Wanted extends Pick<BulkUpdate, 'status' | 'priority'> {
  assignee: AssigneeColumns | undefined;
  snoozedUntil: Date | null | undefined;
  tags: { mode: 'add' | 'set' | 'remove'; names: string[] } | undefined;
}

/** Sets fields by the rules of `tickets.update`; tags are added unless another mode is named. */
export async function changeFields(
  uow: Uow,
  project: Project,
  body: BulkUpdate,
  result: BulkResult,
): Promise<void> {
  const { snoozed_until: snoozed, tags_mode: mode = 'add' } = body;
  const tickets = await lockTickets(uow, project, result.ids);
  const wanted: Wanted = {
    ...body,
    assignee: body.assignee === undefined ? undefined : await resolveAssignee(uow, project, body.assignee),
    snoozedUntil: typeof snoozed === 'string' ? toInstant(snoozed) : snoozed,
    tags: body.tags && { mode, names: readBulkTags(mode, body.tags, result.ids.length) },
  };
  if (wanted.tags && mode !== 'remove' && tickets.length > 0)
    await addToVocabulary(uow, project.id, wanted.tags.names);
  const changes: TicketChange[] = [];
  for (const ticket of tickets) {
    const changed = changesFor(ticket, wanted);
    if ((changed.tags?.length ?? 0) > Math.max(TICKET_TAGS_MAX, ticket.tags.length))
      result.skip(ticket.id, 'max_length', `It would have more than ${TICKET_TAGS_MAX} tags.`);
    else if (Object.keys(changed).length === 0) result.skip(ticket.id, 'unchanged', 'It is so already.');
    else if (reopensMerged(ticket, changed)) result.skip(ticket.id, 'already_merged', mergedDetail(ticket));
    else changes.push({ ticket, changes: changed });
  }
  for (const entry of changedFields(await changeTickets(uow, changes))) result.add(entry);
}

/** The columns of one ticket that really change. */
function changesFor(ticket: TicketRow, wanted: Wanted): TicketChanges & { tags?: string[] } {
  const all: TicketChanges & { tags?: string[] } = { ...wanted.assignee };
  if (wanted.snoozedUntil !== undefined) {
    all.snoozed_until = wanted.snoozedUntil;
    all.status = statusAfterSnooze(ticket, wanted.snoozedUntil);
  }
  if (wanted.status !== undefined) all.status = wanted.status;
  if (wanted.priority !== undefined) all.priority = wanted.priority || null;
  if (wanted.tags) all.tags = applyTags(wanted.tags.mode, ticket.tags, wanted.tags.names);
  const isNew = ([column, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(ticket[column as keyof TicketRow]);
  return Object.fromEntries(Object.entries(all).filter(isNew));
}
