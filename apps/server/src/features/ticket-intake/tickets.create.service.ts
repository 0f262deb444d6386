import type { TicketCreate } from '@parley/contract/tickets';
import { recordActivities } from '#features/activities/activities.service.ts';
import { receiveFirstMessage } from '#features/messages/messages.receive.service.ts';
import { addToVocabulary, normalizeTags } from '#features/tags/tags.service.ts';
import { assigneeProperties, resolveAssignee } from '#features/tickets/tickets.assignee.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { insertTicket, type NewTicket } from '#features/tickets/tickets.insert.service.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import { serializeTraits } from '#features/tickets/tickets.traits.service.ts';
import type { Project } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';

const toInstantOrNull = (text: string | null | undefined) =>
  text === undefined || text === null ? null : toInstant(text);

/** Where a ticket came in, with what only that channel knows. */
export type TicketOrigin = Pick<NewTicket, 'channel_source' | 'channel_detail'> &
  Partial<
    Pick<
      NewTicket,
      | 'email_from'
      | 'session_id'
      | 'session_context'
      | 'github_repo'
      | 'github_issue_number'
      | 'widget_session_hash'
      | 'identity_verified'
    >
  >;

const REST_API: TicketOrigin = { channel_source: 'widget', channel_detail: 'widget_api' };

/** Creates a ticket, with the customer's first message if there is one (decisions.md 1). */
export async function createTicket(
  uow: Uow,
  project: Project,
  body: TicketCreate,
  origin: TicketOrigin = REST_API,
): Promise<ChangeableTicket> {
  const id = newId();
  const tags = normalizeTags(body.tags ?? []);
  const assignee = body.assignee === undefined ? {} : await resolveAssignee(uow, project, body.assignee);
  const snoozedUntil = toInstantOrNull(body.snoozed_until);
  const status = body.status ?? (snoozedUntil === null ? 'new' : 'on_hold');
  await addToVocabulary(uow, project.id, tags);
  const ticket = await insertTicket(uow, project, {
    project_id: project.id,
    id,
    ...assignee,
    ...origin,
    // Without one the ticket stands for itself; '' would meet everybody else who has none (decisions.md 7).
    distinct_id: body.distinct_id || id,
    status,
    priority: body.priority || null,
    anonymous_traits: serializeTraits(body.anonymous_traits ?? {}),
    ai_resolved: body.ai_resolved ?? false,
    escalation_reason: body.escalation_reason ?? null,
    email_subject: body.email_subject ?? null,
    sla_due_at: toInstantOrNull(body.sla_due_at),
    snoozed_until: snoozedUntil,
    resolved_at: status === 'resolved' ? uow.now : null,
    tags,
    created_at: uow.now,
    updated_at: uow.now,
  });
  await recordActivities(uow, [
    { projectId: project.id, ticketId: id, ticketNumber: ticket.ticket_number, activity: 'created' },
  ]);
  uow.emit(ticketEvent('tickets.create', ticket, assigneeProperties(ticket)));
  const message = body.message?.trim();
  if (message) await receiveFirstMessage(uow, project, ticket, message);
  return ticket;
}
