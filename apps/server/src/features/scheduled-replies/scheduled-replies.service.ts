import type { ReplyBody } from '@parley/contract/messages';
import { SCHEDULED_REPLY_STATES, type ScheduledReply } from '@parley/contract/scheduled-reply';
import type { PageOf } from '@parley/contract/schemas';
import { type FileRow, requireUnheld } from '#features/files/files.attach.service.ts';
import { showMessage } from '#features/messages/messages.lookup.service.ts';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { findTwin, REPLAY_MS } from '#features/messages/tickets.reply.service.ts';
import { type ChangeableTicket, findNamedTicket, type TicketRow } from '#features/tickets/tickets.service.ts';
import { keyIdOf, type Project, requireUser } from '#platform/actor.ts';
import { ApiError, forbidden, invalid, notFound } from '#platform/api-error.ts';
import { hasAccess } from '#platform/authorized.ts';
import { Answer } from '#platform/http/call.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { isUuid, newId } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { scheduledReplyEvent } from './scheduled-replies.events.ts';
import { presentScheduledReply } from './scheduled-replies.present.ts';
import * as repo from './scheduled-replies.repo.ts';
import { readSendAt } from './send-at.ts';

/** On one ticket. */
const MAX_PER_TICKET = 100;
/** Of one page. */
const MAX_LIMIT = 200;

/** Whether a reply is to wait (decisions.md 29). */
export function isPutOff({ send_at, undo_seconds = 0 }: ReplyBody): boolean {
  return send_at !== undefined || undo_seconds > 0;
}

/**
 * Keeps a reply until its time. 202; the same words by the same agent a moment ago answer with what became of those,
 * as those of a reply that is sent at once do (tickets-api.md 2.9).
 */
export async function scheduleReply(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  body: ReplyBody,
  files: readonly FileRow[] = [],
): Promise<Answer> {
  const sendAt = readTime(body, uow.now);
  const rich = checkRichContent(body.rich_content);
  const content = { content: body.message.trim(), richContent: rich, isPrivate: body.is_private ?? false };
  const row = {
    project_id: project.id,
    id: newId(),
    ticket_id: ticket.id,
    user_id: requireUser(uow.actor).id,
    key_id: keyIdOf(uow.actor),
    message: content.content,
    rich_content: rich === null ? null : JSON.stringify(rich),
    is_private: content.isPrivate,
    set_status: body.set_status ?? null,
    cancel_if_customer_replies: body.cancel_if_customer_replies ?? false,
    hold_from: holdFrom(ticket, uow.now),
    send_at: sendAt,
    due_at: sendAt,
    state: 'scheduled' as const,
    created_at: uow.now,
    updated_at: uow.now,
  };
  const sent = await findTwin(uow, ticket, content);
  if (sent !== undefined) return new Answer(200, await showMessage(uow, project, sent));
  const twin = await repo.findTwin(uow.tx, row, new Date(uow.now.getTime() - REPLAY_MS));
  if (twin !== undefined) return new Answer(202, await showScheduledReply(uow, project, twin));
  requireUnheld(files);
  const listed = { projectId: project.id, ticketIds: [ticket.id] };
  if ((await repo.count(uow.tx, listed)) >= MAX_PER_TICKET)
    throw new ApiError('conflict', `At most ${MAX_PER_TICKET} replies of a ticket can wait.`);
  uow.emit(scheduledReplyEvent('scheduled_replies.create', await repo.insert(uow.tx, row)));
  return new Answer(202, await showScheduledReply(uow, project, row.id));
}

function readTime({ send_at, undo_seconds = 0 }: ReplyBody, now: Date): Date {
  if (send_at === undefined) return new Date(now.getTime() + undo_seconds * 1000);
  if (undo_seconds > 0) throw invalid('undo_seconds', 'Send either send_at or undo_seconds.');
  return readSendAt(send_at, now);
}

/** The first instant of customer's messages that are not in a locked thread yet; the latest may be ahead of the clock. */
export function holdFrom({ last_customer_message_at: last }: TicketRow, now: Date): Date {
  return last === null || last < now ? now : new Date(last.getTime() + 1);
}

/** Which scheduled reply a path names; 404 for what can be none. */
export function keyOf(project: Project, id: string): repo.ReplyKey {
  if (!isUuid(id)) throw notFound();
  return { project_id: project.id, id: id.toLowerCase() };
}

export async function showScheduledReply(
  context: ReadContext,
  project: Project,
  id: string,
): Promise<ScheduledReply> {
  const row = await repo.findShown(context.tx, keyOf(project, id));
  if (!row) throw notFound();
  return presentScheduledReply(row);
}

const INT4_MAX = 2_147_483_647;

/** Whose replies are asked for; undefined: everybody's. */
function readUser({ actor }: ReadContext, user: string): number | undefined {
  if (user === 'all') return undefined;
  if (user === '@me') return requireUser(actor).id;
  const id = /^[1-9]\d{0,9}$/.test(user) ? Number(user) : INT4_MAX + 1;
  if (id > INT4_MAX) throw invalid('user', 'Must be the id of a user, @me or all.');
  return id;
}

/** The caller's own, everybody's in a ticket's thread, or for managers anybody's in the project. */
export async function listScheduledReplies(
  context: ReadContext,
  project: Project,
  query: { limit?: string; offset?: string; ticket?: string; user?: string; state?: string },
  url: URL,
): Promise<PageOf<ScheduledReply>> {
  const ticket =
    query.ticket === undefined ? undefined : await findNamedTicket(context, project, query.ticket, 'ticket');
  const userId = readUser(context, query.user ?? (ticket ? 'all' : '@me'));
  if (!ticket && userId !== requireUser(context.actor).id && !hasAccess(project.access, 'manager'))
    throw forbidden('Only managers can list the scheduled replies of others. Name a ticket.');
  const listed = {
    projectId: project.id,
    userId,
    ticketIds: ticket && [ticket.id, ...ticket.merged_ticket_ids],
    state: SCHEDULED_REPLY_STATES.find((state) => state === query.state),
  };
  const page = readPage(query, 100, MAX_LIMIT);
  const count = await repo.count(context.tx, listed);
  const results = (await repo.findMany(context.tx, listed, page)).map(presentScheduledReply);
  return { count, ...pageLinks(url, page, count), results };
}
