import type { ComposeDraftBody, Draft, DraftBody } from '@parley/contract/drafts';
import type { PageOf } from '@parley/contract/schemas';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { findTicket, type TicketRow } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './drafts.repo.ts';

/** The ticket a draft is on; null for one that is still to be composed. */
type DraftTicket = Pick<TicketRow, 'id' | 'ticket_number'> | null;

/** Of one page: each may hold a long text. */
const MAX_LIMIT = 200;

function keyOf(context: ReadContext, project: Project, ticket: DraftTicket): repo.DraftKey {
  const userId = requireUser(context.actor).id;
  return { projectId: project.id, userId, ticketId: ticket?.id ?? null };
}

/** The caller's drafts in a project, newest first (inbox.md 6.6). */
export async function listDrafts(
  context: ReadContext,
  project: Project,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<PageOf<Draft>> {
  const userId = requireUser(context.actor).id;
  const page = readPage(query, 100, MAX_LIMIT);
  const count = await repo.count(context.tx, project.id, userId);
  const rows = await repo.findMany(context.tx, project.id, userId, page);
  const results = rows.map((row) => present(row, row.ticket_number));
  return { count, ...pageLinks(url, page, count), results };
}

/** The ticket of a path, whose draft is the caller's; 404 otherwise. */
export function findDraftTicket(context: ReadContext, project: Project, ref: string): Promise<TicketRow> {
  return findTicket(context, project, ref);
}

export async function retrieveDraft(
  context: ReadContext,
  project: Project,
  ticket: DraftTicket,
): Promise<{ draft: Draft | null }> {
  const row = await repo.find(context.tx, keyOf(context, project, ticket));
  return { draft: row ? present(row, ticket?.ticket_number) : null };
}

/**
 * Keeps what an agent typed. The last save wins, unless the caller names the version it started from. The ticket is not
 * locked: nothing of it changes, and agents save all the time.
 */
export async function saveDraft(
  uow: Uow,
  project: Project,
  ticket: DraftTicket,
  body: DraftBody | ComposeDraftBody,
): Promise<Draft> {
  const key = keyOf(uow, project, ticket);
  const row = { ...toRow(uow, key, body), ...(ticket ? ofTicket(body) : ofComposition(body)) };
  const { if_version: wanted } = body;
  if (wanted !== undefined) {
    const before = await repo.lock(uow.tx, key);
    if ((before?.version ?? 0) !== wanted) throw conflict(before, ticket);
  }
  const saved = await repo.upsert(uow.tx, row, wanted);
  // Somebody else's was the first one there.
  if (!saved) throw conflict(await repo.find(uow.tx, key), ticket);
  return present(saved, ticket?.ticket_number);
}

export async function deleteDraft(uow: Uow, project: Project, ticket: DraftTicket): Promise<void> {
  await repo.remove(uow.tx, keyOf(uow, project, ticket));
}

function conflict(row: repo.DraftRow | undefined, ticket: DraftTicket): ApiError {
  const current = row ? present(row, ticket?.ticket_number) : null;
  return new ApiError('draft_conflict', 'The draft was changed elsewhere.', { current });
}

function toRow(uow: Uow, key: repo.DraftKey, body: DraftBody | ComposeDraftBody) {
  const rich = checkRichContent(body.rich_content);
  return {
    project_id: key.projectId,
    id: newId(),
    user_id: key.userId,
    ticket_id: key.ticketId,
    message: body.message ?? '',
    rich_content: rich === null ? null : JSON.stringify(rich),
    cc: body.cc ?? [],
    bcc: body.bcc ?? [],
    created_at: uow.now,
    updated_at: uow.now,
  };
}

/** Each kind has its own fields only: those of the other one were not checked. */
const EMPTY = {
  is_private: false,
  set_status: null,
  email_subject: null,
  recipient_email: null,
  recipient_distinct_id: null,
  email_config_id: null,
  tags: [],
};

function ofTicket(body: DraftBody) {
  return { ...EMPTY, is_private: body.is_private ?? false, set_status: body.set_status ?? null };
}

function ofComposition(body: ComposeDraftBody) {
  return {
    ...EMPTY,
    email_subject: body.email_subject ?? null,
    recipient_email: body.recipient_email ?? null,
    recipient_distinct_id: body.recipient_distinct_id ?? null,
    email_config_id: body.email_config_id ?? null,
    tags: body.tags ?? [],
  };
}

function present(row: repo.DraftRow, ticketNumber: number | null = null): Draft {
  const { project_id, user_id, ...draft } = row;
  return {
    ...draft,
    ticket_number: ticketNumber,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}
