import { WidgetMessageCreate, type WidgetMessageSent } from '@parley/contract/widget';
import {
  findOwnFiles,
  requireUnheld,
  type Written,
  withFiles,
} from '#features/files/files.attach.service.ts';
import { visitorUploaders } from '#features/files/uploader.service.ts';
import { receiveFirstMessage, receiveMessage } from '#features/messages/messages.receive.service.ts';
import type { StoredMessage } from '#features/messages/messages.store.service.ts';
import { requireWords } from '#features/messages/reply-files.service.ts';
import { widgetSettings } from '#features/projects/widget-settings.service.ts';
import { createTicket } from '#features/ticket-intake/tickets.create.service.ts';
import { findTicket } from '#features/tickets/tickets.service.ts';
import { fitTraits } from '#features/tickets/tickets.traits.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { assertValid } from '#platform/http/validator.ts';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { Visitor } from './visitor.ts';
import { cleanContext, cleanTraits } from './visitor-details.ts';
import { checkTicketId, mayAccess, readAccess, requireAccess } from './widget-access.ts';
import { badRequest } from './widget-error.ts';

/** A message as it came in, checked. */
export interface WidgetMessage {
  text: string;
  fileIds: readonly string[] | undefined;
  ticketId: string | undefined;
  distinctId: string;
  sessionId: string | undefined;
  traits: Record<string, string | null>;
  sessionContext: Record<string, unknown>;
}

/** What people cannot see, only programs fill in. First of all: they are not told what else is wrong. */
export function checkHoneypot(fields: Readonly<Record<string, unknown>>): void {
  if (fields._hp) throw badRequest('Invalid request');
}

/** Checks the fields of a message. Throws 400 with the one at fault. */
export function readMessage(fields: Readonly<Record<string, unknown>>, visitor: Visitor): WidgetMessage {
  const { message } = fields;
  const trimmed = { ...fields, ...(typeof message === 'string' ? { message: message.trim() } : {}) };
  assertValid(WidgetMessageCreate, trimmed);
  // Just checked.
  const body = trimmed as WidgetMessageCreate;
  requireWords(body);
  const distinctId = visitor.identity ?? body.distinct_id;
  if (!distinctId) throw invalid('distinct_id', 'This field is required.', 'required');
  const { ticket_id: ticketId } = body;
  return {
    text: body.message,
    fileIds: body.file_ids,
    ticketId: ticketId === undefined || ticketId === null ? undefined : checkTicketId(ticketId),
    distinctId,
    sessionId: body.session_id ?? undefined,
    traits: cleanTraits(body.traits),
    sessionContext: cleanContext(body.session_context),
  };
}

/** Takes in what a visitor wrote, to one of their tickets or to a new one (widget.md 5.1). */
export async function sendMessage(
  uow: Uow,
  project: Project,
  visitor: Visitor,
  message: WidgetMessage,
  origin: string,
): Promise<WidgetMessageSent> {
  const { ticketId } = message;
  const files = await findOwnFiles(uow, project, visitorUploaders(visitor), message.fileIds);
  requireUnheld(files);
  const written = withFiles({ content: message.text, richContent: null }, files, origin);
  if (ticketId === undefined) return present(await openTicket(uow, project, visitor, message, written));
  const [found] = await readAccess(uow, project, visitor, [ticketId]);
  const ticket = requireAccess(found);
  const { traits, sessionContext, sessionId } = message;
  // Who may see it only by browser or address changes nothing of whose it is.
  const identity = ticket.by_identity ? (visitor.identity ?? undefined) : undefined;
  const stored = await receiveMessage(
    uow,
    project,
    await findTicket(uow, project, ticketId),
    written.content,
    {
      richContent: written.richContent,
      customer: { traits, sessionContext, sessionId, identity },
    },
  );
  if (stored.ticket.id === ticketId) return present(stored);
  // It went to where the thread goes on. That may be another customer's ticket, of which nothing is told.
  const [place] = await readAccess(uow, project, visitor, [stored.ticket.id]);
  if (place && mayAccess(place)) return present(stored);
  return {
    ...present(stored),
    ticket_id: ticketId,
    ticket_status: ticket.status,
    unread_count: ticket.unread_customer_count,
  };
}

async function openTicket(
  uow: Uow,
  project: Project,
  visitor: Visitor,
  { distinctId, sessionId, traits, sessionContext }: WidgetMessage,
  { content, richContent }: Written,
): Promise<StoredMessage> {
  const isVerified = visitor.identity !== null;
  const ticket = await createTicket(
    uow,
    project,
    { distinct_id: distinctId, anonymous_traits: fitTraits(traits) },
    {
      channel_source: 'widget',
      channel_detail: widgetSettings(project.settings).widget_enabled ? 'widget_embedded' : 'widget_api',
      // A person's ticket is not the browser's: somebody else may sit there next.
      widget_session_hash: isVerified ? null : visitor.session,
      identity_verified: isVerified,
      session_id: sessionId ?? null,
      session_context: JSON.stringify(sessionContext),
    },
  );
  return receiveFirstMessage(uow, project, ticket, content, { richContent });
}

function present({ id, createdAt, ticket }: StoredMessage): WidgetMessageSent {
  return {
    ticket_id: ticket.id,
    message_id: id,
    ticket_status: ticket.status,
    unread_count: ticket.unread_customer_count,
    created_at: formatInstant(createdAt),
  };
}
