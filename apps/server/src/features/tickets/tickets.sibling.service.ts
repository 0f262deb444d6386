import type { TicketStatus } from '@parley/contract/tickets';
import { recordActivities } from '#features/activities/activities.service.ts';
import type { Project } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { assigneeProperties } from './tickets.assignee.service.ts';
import { ticketEvent } from './tickets.events.ts';
import { insertTicket } from './tickets.insert.service.ts';
import type { ChangeableTicket, TicketRow } from './tickets.service.ts';

export interface SiblingOptions {
  status: TicketStatus;
  subject: string | null;
  /** In the vocabulary already. */
  tags?: string[];
  keepAssignee?: boolean;
}

/**
 * A new ticket of the same customer over the same channel, still without messages. The thread of a chat and the issue it belongs to stay with the first ticket: one thread leads to one.
 */
export async function insertSibling(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  { status, subject, tags = [], keepAssignee = false }: SiblingOptions,
): Promise<ChangeableTicket> {
  const id = newId();
  const hidden = await uow.tx
    .selectFrom('tickets')
    .select(['widget_session_hash', 'identity_verified', 'slack_channel_id', 'slack_team_id'])
    .select(['organization_id', 'organization_id_source'])
    .where('project_id', '=', project.id)
    .where('id', '=', ticket.id)
    .executeTakeFirstOrThrow();
  const sibling = await insertTicket(uow, project, {
    ...hidden,
    project_id: project.id,
    id,
    channel_source: ticket.channel_source,
    channel_detail: ticket.channel_detail,
    // A ticket that stands for itself has nobody else's id; its sibling is the same customer's all the same.
    distinct_id: ticket.distinct_id,
    status,
    priority: ticket.priority,
    ...(keepAssignee
      ? { assignee_user_id: ticket.assignee_user_id, assignee_role_id: ticket.assignee_role_id }
      : {}),
    anonymous_traits: JSON.stringify(ticket.anonymous_traits),
    session_id: ticket.session_id,
    session_context: JSON.stringify(ticket.session_context),
    email_subject: subject,
    email_from: ticket.email_from,
    email_config_id: ticket.email_config_id,
    cc_participants: JSON.stringify(ticket.cc_participants),
    tags,
    created_at: uow.now,
    updated_at: uow.now,
  });
  const { ticket_number: ticketNumber } = sibling;
  await recordActivities(uow, [{ projectId: project.id, ticketId: id, ticketNumber, activity: 'created' }]);
  uow.emit(ticketEvent('tickets.create', sibling, assigneeProperties(sibling)));
  return sibling;
}
