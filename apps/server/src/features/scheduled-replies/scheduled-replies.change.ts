import type { ScheduledReplyConfirm, ScheduledReplyUpdate } from '@parley/contract/scheduled-replies';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import { hasMessage, showMessage } from '#features/messages/messages.lookup.service.ts';
import { requireReplyScope } from '#features/messages/reply-scope.service.ts';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { checkReached } from '#features/ticket-merge/reached.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { type ChangeableTicket, findTicket, requireSupport } from '#features/tickets/tickets.service.ts';
import { keyIdOf, type Project, requireUser } from '#platform/actor.ts';
import { ApiError, forbidden, notFound } from '#platform/api-error.ts';
import type { RawJson } from '#platform/http/call.ts';
import { requireScope } from '#platform/scope.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { asWaiting, sendReply } from './scheduled-replies.deliver.ts';
import { scheduledReplyEvent } from './scheduled-replies.events.ts';
import * as repo from './scheduled-replies.repo.ts';
import { holdFrom, keyOf, showScheduledReply } from './scheduled-replies.service.ts';
import { readSendAt } from './send-at.ts';

/**
 * Locks a scheduled reply. This lock, and not the ticket's, decides between sending, changing and taking back: whoever
 * has it first wins, and everybody takes it before the ticket's.
 */
async function lockReply(uow: Uow, project: Project, id: string): Promise<repo.ScheduledReplyRow> {
  const key = keyOf(project, id);
  const reply = await repo.lock(uow.tx, key);
  if (reply) return reply;
  if (await hasMessage(uow, project, key.id)) throw new ApiError('already_sent', 'The reply has been sent.');
  throw notFound();
}

async function lockOwnReply(uow: Uow, project: Project, id: string): Promise<repo.ScheduledReplyRow> {
  const reply = await lockReply(uow, project, id);
  if (reply.user_id !== requireUser(uow.actor).id)
    throw forbidden('Only its author can change a scheduled reply or send it now.');
  return reply;
}

export async function updateScheduledReply(
  uow: Uow,
  project: Project,
  id: string,
  body: ScheduledReplyUpdate,
): Promise<ScheduledReply> {
  const reply = await lockOwnReply(uow, project, id);
  requireReplyScope(uow.actor, reply);
  requireReplyScope(uow.actor, body);
  const changes: repo.ScheduledReplyChanges = {};
  if (body.message !== undefined) changes.message = body.message.trim();
  if (body.message !== undefined || body.rich_content !== undefined) {
    const rich = checkRichContent(body.rich_content);
    changes.rich_content = rich === null ? null : JSON.stringify(rich);
  }
  if (body.set_status !== undefined) changes.set_status = body.set_status;
  if (body.cancel_if_customer_replies !== undefined)
    changes.cancel_if_customer_replies = body.cancel_if_customer_replies;
  if (body.send_at !== undefined)
    Object.assign(changes, await reschedule(uow, project, reply, { ...body, send_at: body.send_at }));
  if (Object.keys(changes).length > 0) {
    const after = await repo.update(uow.tx, reply, {
      ...changes,
      key_id: keyIdOf(uow.actor),
      updated_at: uow.now,
    });
    uow.emit(scheduledReplyEvent('scheduled_replies.update', after));
  }
  return showScheduledReply(uow, project, reply.id);
}

/** Another time. What the customer has written up to now does not hold it any more. */
async function reschedule(
  uow: Uow,
  project: Project,
  reply: repo.ScheduledReplyRow,
  body: ScheduledReplyConfirm & { send_at: string },
): Promise<repo.ScheduledReplyChanges> {
  const due = readSendAt(body.send_at, uow.now);
  const head = await lockRecipient(uow, project, reply, body);
  return {
    // For whom it was confirmed: another merge is another question.
    ...(body.allow_different_customers ? { ticket_id: head.id } : {}),
    send_at: due,
    due_at: due,
    attempts: 0,
    state: 'scheduled',
    reason: null,
    hold_from: holdFrom(head, uow.now),
  };
}

/** Takes one back: of sending and deleting exactly one happens. */
export async function deleteScheduledReply(uow: Uow, project: Project, id: string): Promise<void> {
  const reply = await lockReply(uow, project, id);
  if (reply.user_id !== requireUser(uow.actor).id) requireScope(uow.actor, 'ticket:write');
  await repo.remove(uow.tx, reply);
  uow.emit(scheduledReplyEvent('scheduled_replies.delete', { ...reply, version: reply.version + 1 }));
}

/** Locks the ticket it goes to. Whom it was not written to gets it only where that is confirmed. */
async function lockRecipient(
  uow: Uow,
  project: Project,
  reply: repo.ScheduledReplyRow,
  confirm: ScheduledReplyConfirm,
): Promise<ChangeableTicket> {
  requireSupport(project);
  const ticket = await findTicket(uow, project, reply.ticket_id);
  const head = await lockForMessage(uow, project, ticket);
  if (!reply.is_private) await checkReached(uow, asWaiting(reply, head), confirm);
  return head;
}

export async function sendScheduledReplyNow(
  uow: Uow,
  project: Project,
  id: string,
  confirm: ScheduledReplyConfirm,
): Promise<RawJson> {
  const reply = await lockOwnReply(uow, project, id);
  requireReplyScope(uow.actor, reply);
  const head = await lockRecipient(uow, project, reply, confirm);
  await sendReply(uow, project, head, reply);
  return showMessage(uow, project, reply.id);
}
