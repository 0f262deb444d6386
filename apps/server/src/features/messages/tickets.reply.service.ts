import { createHash } from 'node:crypto';
import type { ReplyBody } from '@parley/contract/messages';
import { sql } from 'kysely';
import { type FileRow, requireUnheld } from '#features/files/files.attach.service.ts';
import { queueReply } from '#features/outbox/outbox.service.ts';
import { changeTickets } from '#features/tickets/tickets.change.service.ts';
import { reportRuleEffects } from '#features/tickets/tickets.report.service.ts';
import type { ChangeableTicket } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { tryClaim } from '#platform/claim.ts';
import { Answer } from '#platform/http/call.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { messageSent } from './messages.events.ts';
import { afterTeamReply } from './messages.rules.ts';
import { showMessage } from './messages.show.ts';
import { type StoredMessage, storeMessage } from './messages.store.service.ts';
import { reportNote } from './notes.report.service.ts';
import { checkRichContent } from './rich-content.service.ts';

/** How long the same words from the same author count as one reply (tickets-api.md 2.9). */
export const REPLAY_MS = 120_000;

export interface TeamMessage {
  /** Default: a new one. */
  id?: string | undefined;
  content: string;
  richContent: unknown;
  isPrivate: boolean;
}

/** Claims an identical reply before the ticket is locked, so that its twin is told at once instead of waiting. */
export async function claimReply(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  body: ReplyBody,
): Promise<void> {
  const words = [
    project.id,
    idOrNumber,
    requireUser(uow.actor).id,
    body.message.trim(),
    body.is_private === true,
    body.rich_content ?? null,
    ...(body.file_ids ?? []),
  ];
  const name = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  if (await tryClaim(uow, `reply:${name}`)) return;
  throw new ApiError('reply_in_progress', 'An identical message is being sent right now.', {
    errorType: true,
  });
}

/** An identical message of the same author within the replay window that was neither edited nor deleted. */
export async function findTwin(
  uow: Uow,
  ticket: ChangeableTicket,
  reply: TeamMessage,
): Promise<string | undefined> {
  const rich = reply.richContent === null ? null : JSON.stringify(reply.richContent);
  const { rows } = await sql<{ id: string }>`
    select m.id from messages m
    where m.project_id = ${ticket.project_id} and m.ticket_id = ${ticket.id}
      and m.created_at > ${new Date(uow.now.getTime() - REPLAY_MS)} and m.author_user_id = ${requireUser(uow.actor).id}
      and m.content = ${reply.content} and m.rich_content is not distinct from ${rich}::jsonb
      and m.is_private = ${reply.isPrivate} and m.author_type = 'support' and m.version = 0 and m.deleted_at is null
    order by m.created_at limit 1`.execute(uow.tx);
  return rows[0]?.id;
}

/** Answers the customer, or adds a private note (tickets-api.md 2.9), with files that are in its text. 201, or 200 with the twin of a moment ago. */
export async function replyToTicket(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  body: ReplyBody,
  files: readonly FileRow[] = [],
): Promise<Answer> {
  const reply: TeamMessage = {
    content: body.message.trim(),
    richContent: checkRichContent(body.rich_content),
    isPrivate: body.is_private ?? false,
  };
  const twin = await findTwin(uow, ticket, reply);
  if (twin !== undefined) return new Answer(200, await showMessage(uow, project, twin));
  requireUnheld(files);
  const message = await writeTeamMessage(uow, project, await setStatus(uow, ticket, body.set_status), reply);
  return new Answer(201, await showMessage(uow, project, message.id));
}

/** What a reply makes of its ticket besides being sent. First, so that no status rule comes in between. */
export async function setStatus(
  uow: Uow,
  ticket: ChangeableTicket,
  status: ReplyBody['set_status'] | null,
): Promise<ChangeableTicket> {
  if (!status || status === ticket.status) return ticket;
  const [changed] = await changeTickets(uow, [{ ticket, changes: { status } }]);
  // With what it is written to.
  return { ...ticket, ...changed?.after };
}

/** Stores what the team writes, tells of a note and whom it mentions, and puts a public message on its way. */
export async function writeTeamMessage(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  reply: TeamMessage,
): Promise<StoredMessage> {
  const message = await storeMessage(
    uow,
    ticket,
    {
      id: reply.id,
      content: reply.content,
      richContent: reply.richContent,
      itemContext: { author_type: 'support', is_private: reply.isPrivate },
      authorUserId: requireUser(uow.actor).id,
    },
    afterTeamReply(project, ticket),
  );
  const { id } = message;
  const sent = { id, content: reply.content, richContent: reply.richContent };
  if (reply.isPrivate) {
    await reportNote(uow, project, ticket, sent);
  } else {
    await reportRuleEffects(uow, ticket, message.ticket);
    uow.emit(messageSent(message.ticket, sent, uow.now));
    await queueReply(uow, project, message.ticket, sent);
  }
  return message;
}
