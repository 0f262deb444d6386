import type { CommentCreate, CommentUpdate } from '@parley/contract/comments';
import type { ReplyBody } from '@parley/contract/messages';
import { deleteMessage } from '#features/messages/messages.delete.service.ts';
import { editMessage, lockOwnMessage } from '#features/messages/messages.edit.service.ts';
import { requireReplyScope } from '#features/messages/reply-scope.service.ts';
import { claimReply, replyToTicket } from '#features/messages/tickets.reply.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { requireSupport } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { Answer, RawJson } from '#platform/http/call.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { readContent } from './comment-content.ts';
import { findItem } from './comments.list.ts';
import { find } from './comments.repo.ts';

/** A message of a ticket that is not deleted, as a comment. */
export async function retrieveComment(context: ReadContext, project: Project, id: string): Promise<RawJson> {
  const json = isUuid(id) ? await find(context.tx, project.id, id) : undefined;
  if (json === undefined) throw notFound();
  return new RawJson(json);
}

/**
 * Writes to a ticket as tickets.reply does. Of item_context only is_private counts: the rest says where a message came
 * from, and this one comes from here (tickets-api.md 4.9).
 */
export async function createComment(uow: Uow, project: Project, body: CommentCreate): Promise<Answer> {
  const item = await findItem(uow, project, body.item_id);
  const { content, richContent } = readContent(body);
  requireSupport(project);
  const reply: ReplyBody = {
    message: content,
    rich_content: richContent,
    is_private: body.item_context?.is_private === true,
  };
  requireReplyScope(uow.actor, reply);
  await claimReply(uow, project, item.id, reply);
  const ticket = await lockForMessage(uow, project, item);
  const { status, body: message } = await replyToTicket(uow, project, ticket, reply);
  return new Answer(status, await retrieveComment(uow, project, idOf(message)));
}

/** The id in the JSON of a message. */
function idOf(message: unknown): string {
  const parsed: unknown = message instanceof RawJson ? JSON.parse(message.text) : message;
  if (typeof parsed === 'object' && parsed !== null && 'id' in parsed) return String(parsed.id);
  throw new Error('A reply was answered without an id.');
}

/** Changes or deletes a message of the caller's own. Only the author may (tickets-api.md 4.9). */
export async function updateComment(
  uow: Uow,
  project: Project,
  id: string,
  body: CommentUpdate,
): Promise<RawJson> {
  const own = await lockOwnMessage(uow, project, id);
  const { content = own.message.content, rich_content = own.message.rich_content } = body;
  if (body.content !== undefined || body.rich_content !== undefined)
    await editMessage(uow, project, own, readContent({ content, rich_content }));
  if (body.deleted === true) await deleteMessage(uow, own.ticket, own.message.id);
  const json = await find(uow.tx, project.id, own.message.id, { deleted: true });
  if (json === undefined) throw notFound();
  return new RawJson(json);
}
