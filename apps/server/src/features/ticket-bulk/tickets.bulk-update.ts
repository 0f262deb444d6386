import type { BulkUpdate } from '@parley/contract/ticket-bulk';
import { holdMerges } from '#features/ticket-merge/thread-head.service.ts';
import { mergeTickets } from '#features/ticket-merge/tickets.merge.service.ts';
import { deleteThreads, lockThreads, undeletableDetail } from '#features/tickets/tickets.delete.service.ts';
import { type ChangeableTicket, lockTickets } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { changeFields } from './bulk-fields.ts';
import { BulkResult } from './bulk-result.ts';
import { keepUndo } from './undo.service.ts';

const FIELDS = ['status', 'priority', 'assignee', 'snoozed_until', 'tags'] as const;

/**
 * One change on many tickets (inbox.md 3.6, case I29). What cannot be changed is skipped with its reason and stops
 * nothing; what was changed can be taken back.
 */
export async function bulkUpdateTickets(uow: Uow, project: Project, body: BulkUpdate) {
  checkOneKind(body);
  const ids = [...new Set(body.ids.map((id) => id.toLowerCase()))];
  const result = new BulkResult(ids);
  if (body.merge_into !== undefined)
    await mergeAll(uow, project, body, body.merge_into.toLowerCase(), result);
  else if (body.delete) await deleteAll(uow, project, result);
  else await changeFields(uow, project, body, result);
  const { entries, skipped } = result.finish();
  const undo = await keepUndo(uow, project.id, entries);
  return { updated: entries.length, ids: entries.map(({ id }) => id), skipped, undo };
}

/** Deleting or merging is the last that is done to a ticket, so neither goes with anything else. */
function checkOneKind(body: BulkUpdate): void {
  const fields = FIELDS.filter((field) => body[field] !== undefined);
  if (body.tags_mode !== undefined && body.tags === undefined)
    throw invalid('tags', 'This field is required.', 'required');
  if (body.delete && (fields.length > 0 || body.merge_into !== undefined))
    throw invalid('delete', 'Tickets are deleted or changed, not both.');
  if (body.merge_into !== undefined && fields.length > 0)
    throw invalid('merge_into', 'Tickets are merged or changed, not both.');
  if (fields.length === 0 && !body.delete && body.merge_into === undefined)
    throw new ApiError('required', 'Name at least one change.');
}

/** With what is merged into them. A merged one goes only where the ticket that shows its messages goes too. */
async function deleteAll(uow: Uow, project: Project, result: BulkResult): Promise<void> {
  const found = await lockThreads(uow, project, result.ids);
  const threads = found.filter(({ head }) => head.deleted_at === null);
  const whole = threads.filter(({ head }) => head.merged_into_id === null);
  const going = new Set(whole.flatMap(({ head }) => [head.id, ...head.merged_ticket_ids]));
  const deleted_at = formatInstant(uow.now);
  for (const { head } of threads) {
    if (going.has(head.id)) result.add({ id: head.id, kind: 'delete', deleted_at });
    else result.skip(head.id, 'already_merged', undeletableDetail(head));
  }
  await deleteThreads(uow, project, whole);
}

async function mergeAll(
  uow: Uow,
  project: Project,
  body: BulkUpdate,
  targetId: string,
  result: BulkResult,
): Promise<void> {
  await holdMerges(uow, project);
  const tickets = await lockTickets(uow, project, [...result.ids, targetId]);
  let target: ChangeableTicket | undefined = tickets.find(({ id }) => id === targetId);
  if (!target) throw invalid('merge_into', 'There is no such ticket.', 'does_not_exist');
  const { allow_different_customers = false } = body;
  for (const source of tickets.filter(({ id }) => result.ids.includes(id))) {
    const into: ChangeableTicket = target;
    await result.attempt(source, async () => {
      const merged = await mergeTickets(
        uow,
        project,
        { source, target: into },
        { allow_different_customers },
      );
      target = merged.target;
      return { id: source.id, kind: 'merge', merged_at: formatInstant(uow.now) };
    });
  }
}
