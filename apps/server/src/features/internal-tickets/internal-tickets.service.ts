import type { ServiceMessage } from '@parley/contract/internal-tickets';
import { messageSent } from '#features/messages/messages.events.ts';
import { type NewMessage, storeMessage } from '#features/messages/messages.store.service.ts';
import { reportNote } from '#features/messages/notes.report.service.ts';
import { queueReply } from '#features/outbox/outbox.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { forbidden, notFound } from '#platform/api-error.ts';
import { Answer } from '#platform/http/call.ts';
import { isUuid } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { findPosted, rememberPosted } from './internal-tickets.repo.ts';
import { showPosted } from './posted-message.ts';

/** The token must be for this very ticket, and Support be on (tickets-api.md 4.8). Throws 404 or 403. */
export function requireTokenFor(actor: Actor, project: Project, id: string): void {
  if (!isUuid(id)) throw notFound();
  if (actor.kind !== 'service' || actor.ticketId !== id.toLowerCase())
    throw forbidden('The token is not for this ticket.');
  if (!project.conversationsEnabled) throw forbidden('Support is not enabled for this project.');
}

/**
 * A message that a workflow writes, once per ticket and key. It is nobody's of the team, so no status rule runs and the customer's
 * unread count stays; a public one reaches the customer over the ticket's channel.
 */
export async function postServiceMessage(
  uow: Uow,
  project: Project,
  id: string,
  body: ServiceMessage,
): Promise<Answer> {
  // Under its lock: the same key at the same moment waits here, and then finds the message.
  const named = await findTicket(uow, project, id);
  const ticket = await lockForMessage(uow, project, named);
  // Keys belong to the ticket of the path: where its thread goes on, other tickets have the same ones.
  const earlier = await findPosted(uow.tx, named, body.idempotency_key);
  if (earlier !== undefined) return new Answer(200, await showPosted(uow, project, earlier));
  const content = body.message.trim();
  const message = await storeMessage(uow, ticket, {
    content,
    itemContext: serviceContext(uow.actor, body.is_private ?? false),
    authorUserId: null,
  });
  await rememberPosted(uow.tx, named, { key: body.idempotency_key, messageId: message.id }, uow.now);
  if (body.is_private) {
    await reportNote(uow, project, message.ticket, { id: message.id, content, richContent: null });
  } else {
    uow.emit(messageSent(message.ticket, { id: message.id, content }, uow.now));
    await queueReply(uow, project, message.ticket, { id: message.id, content, richContent: null });
  }
  return new Answer(201, await showPosted(uow, project, message.id));
}

/** What is kept with a message that a service wrote. */
export function serviceContext(actor: Actor, isPrivate: boolean): NewMessage['itemContext'] {
  const name = actor.kind === 'service' ? actor.name : 'Workflow';
  return { author_type: 'workflow', author_name: name, is_private: isPrivate };
}
