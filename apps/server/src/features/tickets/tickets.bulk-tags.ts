import { TICKET_TAGS_MAX } from '@parley/contract/tickets';
import { addToVocabulary } from '#features/tags/tags.service.ts';
import { changedFields, keepUndo } from '#features/ticket-bulk/undo.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { applyTags, readBulkTags, type TagAction } from './tickets.bulk-tags.service.ts';
import { changeTickets, type TicketChange } from './tickets.change.service.ts';
import { lockTickets, type TicketRow } from './tickets.service.ts';

const SKIPPED = 'Not found or no edit access';

/** Ends the whole request: nothing of it is kept. */
function tooManyTags({ ticket_number }: TicketRow) {
  const message = `Ensure a ticket has no more than ${TICKET_TAGS_MAX} tags; #${ticket_number} would have.`;
  return invalid('tags', message, 'max_length');
}

/** Adds, removes or sets tags on many tickets. `updated` lists every ticket that could be changed, changed or not. */
export async function bulkUpdateTags(
  uow: Uow,
  project: Project,
  input: { ids: readonly string[]; action: TagAction; tags: readonly string[] },
) {
  const { action } = input;
  const ids = [...new Set(input.ids.map((id) => id.toLowerCase()))];
  const names = readBulkTags(action, input.tags, ids.length);
  const tickets = await lockTickets(uow, project, ids);
  if (action !== 'remove' && tickets.length > 0) await addToVocabulary(uow, project.id, names);
  const wanted: TicketChange[] = [];
  const updated = new Map<string, string[]>();
  for (const before of tickets) {
    const tags = applyTags(action, before.tags, names);
    updated.set(before.id, tags);
    if (tags.join('\n') === before.tags.join('\n')) continue;
    if (action === 'add' && tags.length > TICKET_TAGS_MAX) throw tooManyTags(before);
    wanted.push({ ticket: before, changes: { tags } });
  }
  const transitions = await changeTickets(uow, wanted);
  return {
    updated: ids.flatMap((id) => {
      const tags = updated.get(id);
      return tags ? [{ id, tags }] : [];
    }),
    skipped: ids.filter((id) => !updated.has(id)).map((id) => ({ id, reason: SKIPPED })),
    undo: await keepUndo(uow, project.id, changedFields(transitions)),
  };
}
