import type { ReplyDraft, ReplyDraftBody, ReplyDraftSend } from '@parley/contract/drafts';
import type { PageOf } from '@parley/contract/schemas';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { replyToTicket } from '#features/messages/tickets.reply.service.ts';
import { checkReached } from '#features/ticket-merge/reached.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { findTicket, lockTicket, requireSupport, type TicketRow } from '#features/tickets/tickets.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { ApiError, notFound } from '#platform/api-error.ts';
import type { Answer } from '#platform/http/call.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './reply-drafts.repo.ts';

/** On one ticket. A program that leaves more than that is not helping anybody. */
const MAX_PER_TICKET = 100;

type EventName = 'reply_drafts.create' | 'reply_drafts.send' | 'reply_drafts.discard';

function report(uow: Uow, name: EventName, ticket: TicketRow, draft: { id: string; origin: string }): void {
  const payload = { reply_draft_id: draft.id, origin: draft.origin };
  uow.emit({ ...ticketEvent(name, ticket, payload), resourceId: draft.id, resourceVersion: 1 });
}

/** Replies left for the team on a ticket and on those merged into it, oldest first (decisions.md 30). */
export async function listReplyDrafts(
  context: ReadContext,
  project: Project,
  ref: string,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<PageOf<ReplyDraft>> {
  const ticket = await findTicket(context, project, ref);
  const page = readPage(query, 100, 1000);
  const count = await repo.count(context.tx, ticket);
  const results = (await repo.findMany(context.tx, ticket, page)).map(present);
  return { count, ...pageLinks(url, page, count), results };
}

export async function createReplyDraft(
  uow: Uow,
  project: Project,
  ref: string,
  body: ReplyDraftBody,
): Promise<ReplyDraft> {
  return storeReplyDraft(uow, await lockTicket(uow, project, ref), {
    ...body,
    origin: body.origin ?? 'agent',
  });
}

/**
 * Leaves a reply on a locked ticket for a human to send: what becomes of one by a program that may not send
 * (decisions.md 30). Every agent of the project sees it.
 */
export async function storeReplyDraft(
  uow: Uow,
  ticket: TicketRow,
  reply: ReplyDraftBody & { origin: 'agent' | 'mcp' },
): Promise<ReplyDraft> {
  // Of its own: what a merge brought does not count.
  if ((await repo.count(uow.tx, { ...ticket, merged_ticket_ids: [] })) >= MAX_PER_TICKET)
    throw new ApiError(
      'conflict',
      `A ticket holds at most ${MAX_PER_TICKET} drafts. Send or discard some first.`,
    );
  const rich = checkRichContent(reply.rich_content);
  const row = {
    project_id: ticket.project_id,
    id: newId(),
    ticket_id: ticket.id,
    origin: reply.origin,
    message: reply.message.trim(),
    rich_content: rich === null ? null : JSON.stringify(rich),
    created_by: userOf(uow.actor)?.id ?? null,
    created_at: uow.now,
  };
  await repo.insert(uow.tx, row);
  report(uow, 'reply_drafts.create', ticket, row);
  const [stored] = await repo.findMany(uow.tx, ticket, { limit: 1, offset: 0 }, row.id);
  if (!stored) throw new Error('A draft that was just written is not there.');
  return present(stored);
}

/** Sends one in the caller's own name, perhaps with other words. The draft goes with it; of two senders one wins. */
export async function sendReplyDraft(
  uow: Uow,
  project: Project,
  names: { ref: string; draftId: string },
  body: ReplyDraftSend,
): Promise<Answer> {
  const ticket = await findTicket(uow, project, names.ref);
  requireSupport(project);
  const head = await lockForMessage(uow, project, ticket);
  const draft = await takeDraft(uow, ticket, names.draftId);
  await checkReached(uow, { ticketId: draft.ticket_id, head, since: draft.created_at }, body);
  const asItIs = { message: draft.message, rich_content: draft.rich_content };
  const reply =
    body.message === undefined ? asItIs : { message: body.message, rich_content: body.rich_content };
  report(uow, 'reply_drafts.send', head, draft);
  return replyToTicket(uow, project, head, reply);
}

export async function discardReplyDraft(
  uow: Uow,
  project: Project,
  names: { ref: string; draftId: string },
): Promise<void> {
  const ticket = await lockTicket(uow, project, names.ref);
  report(uow, 'reply_drafts.discard', ticket, await takeDraft(uow, ticket, names.draftId));
}

async function takeDraft(uow: Uow, ticket: TicketRow, id: string): Promise<repo.ReplyDraftRow> {
  const draft = isUuid(id) ? await repo.take(uow.tx, ticket, id) : undefined;
  if (!draft) throw notFound();
  return draft;
}

function present(row: repo.ShownRow): ReplyDraft {
  return { ...row, created_at: formatInstant(row.created_at) };
}
