import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';

export interface OutgoingMessage {
  id: string;
  content: string;
  richContent: unknown;
}

/** Whether this project sends mail at all; off until an admin turns it on. */
export function isEmailOn(project: Project): boolean {
  return project.settings.email_enabled === true;
}

/**
 * Puts a public message of the team on its way to the customer, in the message's own transaction. What is sent and
 * where is fixed here: a later change of the ticket does not change it. The channel's sender takes it from there.
 */
export async function queueReply(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  message: OutgoingMessage,
): Promise<void> {
  if (ticket.channel_source !== 'email' || ticket.email_from === null || !isEmailOn(project)) return;
  await queueEmail(uow, ticket, ticket.email_from, message);
}

export interface Notice {
  /** Twice under the same id it is one mail. */
  id: string;
  projectId: number;
  /** The ticket it is about, or the newest of several. */
  ticketId: string;
  to: string;
  subject: string;
  content: string;
  /** It says nothing any more after that. */
  expiresAt: Date;
}

/** A mail of Parley's own, which is no message of a ticket. */
export async function queueNotice(uow: Uow, notice: Notice): Promise<void> {
  const { id, projectId, ticketId, to, subject, content, expiresAt } = notice;
  await uow.tx
    .insertInto('outbox')
    .values({
      project_id: projectId,
      id,
      ticket_id: ticketId,
      message_id: null,
      channel: 'email',
      destination: JSON.stringify({ to, cc: [], email_config_id: null }),
      payload: JSON.stringify({ subject, content, rich_content: null, expires_at: formatInstant(expiresAt) }),
      external_id: `<${id}@parley>`,
      state: 'queued',
      next_attempt_at: uow.now,
      created_at: uow.now,
    })
    .execute();
}

/** One e-mail to one customer about a ticket. */
export async function queueEmail(
  uow: Uow,
  ticket: TicketRow,
  to: string,
  message: OutgoingMessage,
): Promise<void> {
  await uow.tx
    .insertInto('outbox')
    .values({
      project_id: ticket.project_id,
      id: newId(),
      ticket_id: ticket.id,
      message_id: message.id,
      channel: 'email',
      destination: JSON.stringify({
        to,
        cc: ticket.cc_participants,
        email_config_id: ticket.email_config_id,
      }),
      payload: JSON.stringify({
        subject: ticket.email_subject ?? '',
        content: message.content,
        rich_content: message.richContent,
      }),
      external_id: `<${message.id}@parley>`,
      state: 'queued',
      next_attempt_at: uow.now,
      created_at: uow.now,
    })
    .execute();
}
