import type { TicketUpdate } from '@parley/contract/tickets';
import { addToVocabulary, normalizeTags } from '#features/tags/tags.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { resolveAssignee } from './tickets.assignee.service.ts';
import { mergedDetail, reopensMerged, statusAfterSnooze, withResolvedAt } from './tickets.changes.ts';
import { type TicketChanges, type TicketRow, update } from './tickets.repo.ts';
import { reportChanges } from './tickets.report.service.ts';
import type { ChangeableTicket } from './tickets.service.ts';
import { serializeTraits } from './tickets.traits.service.ts';

/** Changes the named fields and nothing else (tickets-api.md 2.5). Even an empty change moves updated_at. */
export async function updateTicket(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  body: TicketUpdate,
): Promise<TicketRow> {
  const changes = withResolvedAt(ticket, await readChanges(uow, project, ticket, body), uow.now);
  if (reopensMerged(ticket, changes)) throw new ApiError('already_merged', mergedDetail(ticket));
  const added = changes.tags?.filter((name) => !ticket.tags.includes(name)) ?? [];
  await addToVocabulary(uow, project.id, added);
  const after = await update(uow.tx, ticket, { ...changes, updated_at: uow.now });
  await reportChanges(uow, [{ before: ticket, after }]);
  return after;
}

async function readChanges(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  body: TicketUpdate,
): Promise<TicketChanges & { tags?: string[] }> {
  const changes: TicketChanges & { tags?: string[] } = {};
  // First, so that a wrong assignee leaves everything as it was.
  if (body.assignee !== undefined) Object.assign(changes, await resolveAssignee(uow, project, body.assignee));
  if (body.snoozed_until !== undefined) {
    const snoozedUntil = body.snoozed_until === null ? null : toInstant(body.snoozed_until);
    changes.snoozed_until = snoozedUntil;
    changes.status = statusAfterSnooze(ticket, snoozedUntil);
  }
  if (body.status !== undefined) changes.status = body.status;
  if (body.priority !== undefined) changes.priority = body.priority || null;
  if (body.anonymous_traits !== undefined) changes.anonymous_traits = serializeTraits(body.anonymous_traits);
  if (body.ai_resolved !== undefined) changes.ai_resolved = body.ai_resolved;
  if (body.escalation_reason !== undefined) changes.escalation_reason = body.escalation_reason;
  if (body.sla_due_at !== undefined)
    changes.sla_due_at = body.sla_due_at === null ? null : toInstant(body.sla_due_at);
  if (body.tags !== undefined) changes.tags = normalizeTags(body.tags);
  return changes;
}
