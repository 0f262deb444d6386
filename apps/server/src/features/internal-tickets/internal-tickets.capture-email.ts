import type { Captured, WorkflowEmail } from '@parley/contract/internal-tickets';
import { messageCaptured } from '#features/messages/messages.events.ts';
import { storeMessage } from '#features/messages/messages.store.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { forbidden } from '#platform/api-error.ts';
import { holdClaim } from '#platform/claim.ts';
import { Answer } from '#platform/http/call.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { serviceContext } from './internal-tickets.service.ts';
import * as repo from './workflow-emails.repo.ts';

/** A token for one ticket is good for e-mails about that one; a token for none, for those of the project. */
function ticketOf(actor: Actor, { ticket_id }: WorkflowEmail): string | undefined {
  const own = actor.kind === 'service' ? actor.ticketId : undefined;
  const named = ticket_id?.toLowerCase();
  if (own !== undefined && named !== undefined && own !== named)
    throw forbidden('The token is not for this ticket.');
  return own ?? named;
}

/**
 * Puts an e-mail that a workflow has sent by itself into the thread of the customer who got it, once per key
 * (tickets-api.md 4.8). It is not sent again, changes no status and no unread count, and is told of by an event that no
 * workflow waits for: they would mail each other without end.
 */
export async function captureEmail(uow: Uow, project: Project, email: WorkflowEmail): Promise<Answer> {
  const ticketId = ticketOf(uow.actor, email);
  if (!project.conversationsEnabled || project.settings.capture_workflow_emails === false)
    return answer('skipped_disabled');
  const { idempotency_key: key, recipient_email, email_subject = null } = email;
  // The same key at the same moment waits here, and then finds the message.
  await holdClaim(uow, `workflow_emails:${project.id}:${key}`);
  if (await repo.isCaptured(uow.tx, project.id, key)) return answer('existing');
  const id = await repo.findTicketOf(uow.tx, project.id, recipient_email, ticketId);
  if (id === undefined) return answer('skipped_unmatched');
  const ticket = await lockForMessage(uow, project, await findTicket(uow, project, id));
  const content = email.message.trim();
  const message = await storeMessage(uow, ticket, {
    content,
    itemContext: { ...serviceContext(uow.actor, false), email_to: recipient_email, email_subject },
    authorUserId: null,
  });
  await repo.remember(uow.tx, project.id, { key, messageId: message.id }, uow.now);
  uow.emit(messageCaptured(message.ticket, { id: message.id, content }));
  return answer('created');
}

function answer(status: Captured['status']): Answer {
  return new Answer(status === 'created' ? 201 : 200, { status });
}
