import type { SCHEDULED_REPLY_REASONS } from '@parley/contract/scheduled-reply';
import { findActingUser, findProjectFor, mayKeyAct } from '#features/auth/acting-user.service.ts';
import { scopeOfReply } from '#features/messages/reply-scope.service.ts';
import { reachesOthers } from '#features/ticket-merge/reached.service.ts';
import { findHead, lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { canChangeTickets } from '#features/tickets/tickets.policy.ts';
import { type ChangeableTicket, findTicket } from '#features/tickets/tickets.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { asWaiting, sendReply } from './scheduled-replies.deliver.ts';
import { scheduledReplyEvent } from './scheduled-replies.events.ts';
import * as repo from './scheduled-replies.repo.ts';

type Run = <T>(work: (uow: Uow) => Promise<T>, actor?: Actor) => Promise<T>;
type Reason = (typeof SCHEDULED_REPLY_REASONS)[number];

/** What only a person can decide; everything else went wrong. */
const HOLDING: readonly Reason[] = ['customer_replied', 'merged', 'key_revoked'];
const BATCH = 100;
/** Tries of one that breaks for a reason nobody foresaw; between them 10 s, 20 s, and so on. */
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 10_000;

/**
 * Sends what is due, each in a transaction of its own and in its author's name. Several nodes may do this at once: a
 * row is sent by whoever locks it. One that breaks is put off, so that it holds up nobody. True when there is more.
 */
export async function sendDueReplies(run: Run): Promise<boolean> {
  const due = await run((uow) => repo.findDue(uow.tx, uow.now, BATCH));
  const errors: unknown[] = [];
  let handled = 0;
  for (const reply of due) {
    try {
      if (await sendOne(run, reply)) handled += 1;
    } catch (error) {
      errors.push(error);
      await run((uow) => putOff(uow, reply));
    }
  }
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} scheduled replies could not be sent`);
  return handled === BATCH;
}

async function sendOne(run: Run, reply: repo.ReplyKey & { user_id: number | null }): Promise<boolean> {
  const { user_id: userId } = reply;
  const user = userId === null ? undefined : await run((uow) => findActingUser(uow, userId));
  // Without its author it can only fail, which is nobody's act.
  return user
    ? run((uow) => trySend(uow, reply, user.id), { kind: 'deferred', user })
    : run((uow) => trySend(uow, reply));
}

/** False when somebody else has it, or it is not due any more. */
async function trySend(uow: Uow, key: repo.ReplyKey, userId?: number): Promise<boolean> {
  const reply = await repo.claim(uow.tx, key, uow.now);
  if (!reply) return false;
  const project = userId === undefined ? undefined : await findProjectFor(uow, userId, reply.project_id);
  if (!project || !canChangeTickets(project)) await stop(uow, reply, 'no_access');
  else if (!(await hasGoodKey(uow, reply))) await stop(uow, reply, 'key_revoked');
  else if (!project.conversationsEnabled) await stop(uow, reply, 'support_disabled');
  else {
    const head = await lockThread(uow, project, reply.ticket_id);
    if (!head) await stop(uow, reply, 'ticket_deleted');
    else if (!reply.is_private && (await reachesOthers(uow, asWaiting(reply, head))))
      await stop(uow, reply, 'merged');
    else if (reply.cancel_if_customer_replies && (await repo.customerWrote(uow.tx, reply)))
      await stop(uow, reply, 'customer_replied');
    else await sendReply(uow, project, head, reply);
  }
  return true;
}

/** Whether the key it was scheduled with, if any, may still send it. */
async function hasGoodKey(uow: Uow, reply: repo.ScheduledReplyRow): Promise<boolean> {
  if (reply.key_id === null) return true;
  return mayKeyAct(uow, reply.key_id, reply.project_id, scopeOfReply(reply));
}

/** Locks the ticket in which its thread goes on. Undefined when the ticket, or that one, is deleted. What may pass is thrown, and tried again. */
async function lockThread(
  uow: Uow,
  project: Project,
  ticketId: string,
): Promise<ChangeableTicket | undefined> {
  try {
    const ticket = await findTicket(uow, project, ticketId);
    // Locking a deleted one is a conflict, as is a merge at the same moment; here it is not found.
    await findHead(uow, project, ticket);
    return await lockForMessage(uow, project, ticket);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** It is not sent, and says why until somebody sends it, changes it or takes it back. */
async function stop(uow: Uow, reply: repo.ScheduledReplyRow, reason: Reason): Promise<void> {
  const isHeld = HOLDING.includes(reason);
  const state = isHeld ? ('held' as const) : ('failed' as const);
  const after = await repo.update(uow.tx, reply, { state, reason, updated_at: uow.now });
  uow.emit(scheduledReplyEvent(isHeld ? 'scheduled_replies.hold' : 'scheduled_replies.fail', after));
}

async function putOff(uow: Uow, key: repo.ReplyKey): Promise<void> {
  const reply = await repo.claim(uow.tx, key, uow.now);
  if (!reply) return;
  const attempts = reply.attempts + 1;
  if (attempts >= ATTEMPTS) return stop(uow, reply, 'error');
  const due = new Date(uow.now.getTime() + FIRST_DELAY_MS * 2 ** (attempts - 1));
  await repo.update(uow.tx, reply, { attempts, due_at: due });
}

/** Stops at once what will not be sent, so that its author hears of it before the time comes. */
export async function watchScheduledReplies(uow: Uow): Promise<number> {
  const overtaken = await repo.lockOvertaken(uow.tx, BATCH);
  for (const { is_deleted, is_revoked, ...reply } of overtaken) {
    const stillThere = is_revoked ? 'key_revoked' : 'customer_replied';
    await stop(uow, reply, is_deleted ? 'ticket_deleted' : stillThere);
  }
  return overtaken.length;
}
