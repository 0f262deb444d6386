import { type RawBuilder, sql } from 'kysely';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { cursorLinks, pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { decodeCursor, encodeCursor, type MessageCursor } from './messages.cursor.ts';
import { assistantName } from './messages.show.ts';
import { inThread, messageJson, messageSources } from './messages.sql.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

interface Thread {
  context: ReadContext;
  project: Project;
  where: RawBuilder<unknown>;
  /** Messages of several tickets may have the same instant; within one it is unique, and an index has its order. */
  isMerged: boolean;
}

/** Messages of a ticket, oldest first, notes included, deleted ones left out (tickets-api.md 2.7). */
export async function listMessages(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
  query: { limit?: string; offset?: string; cursor?: string },
  url: URL,
): Promise<RawJson> {
  const ticket = await findTicket(context, project, idOrNumber);
  const where = sql`m.project_id = ${project.id} and ${inThread(ticket)} and m.deleted_at is null`;
  const total = await sql<{ n: number }>`select count(*) as n from messages m where ${where}`.execute(
    context.tx,
  );
  const count = Number(total.rows[0]?.n ?? 0);
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const thread = { context, project, where, isMerged: ticket.merged_ticket_ids.length > 0 };
  if (query.cursor === undefined) {
    const rows = await select(thread, {}, page.limit, page.offset);
    return rawPage(
      { count, ...pageLinks(url, page, count) },
      rows.map((row) => row.json),
    );
  }
  const { rows, cursors } = await readKeysetPage(thread, decodeCursor(query.cursor), page.limit);
  return rawPage(
    { count, ...cursorLinks(url, page.limit, cursors) },
    rows.map((row) => row.json),
  );
}

interface Row {
  json: string;
  at: string;
  id: string;
}

/** The page is cut before anything is joined and turned into JSON. */
async function select(
  { context, project, where, isMerged }: Thread,
  from: { cursor?: MessageCursor | undefined },
  limit: number,
  offset: number,
): Promise<Row[]> {
  const { cursor } = from;
  const direction = cursor?.backward ? sql`desc` : sql`asc`;
  const order = (alias: string) => {
    const [at, id] = [sql.ref(`${alias}.created_at`), sql.ref(`${alias}.id`)];
    return isMerged ? sql`${at} ${direction}, ${id} ${direction}` : sql`${at} ${direction}`;
  };
  const cut = sql`(select m.* from messages m where ${where} ${cursor ? beyond(cursor, isMerged) : sql``}
    order by ${order('m')} limit ${limit} offset ${offset}) m`;
  const { rows } = await sql<Row>`
    select ${messageJson(assistantName(project))} as json, iso_utc(m.created_at) as at, m.id
    from ${messageSources(cut)} order by ${order('m')}`.execute(context.tx);
  return rows;
}

function beyond({ at, id, backward }: MessageCursor, isMerged: boolean): RawBuilder<unknown> {
  const sign = backward ? sql`<` : sql`>`;
  if (isMerged && id !== undefined)
    return sql`and (m.created_at, m.id) ${sign} (${at}::timestamptz, ${id}::uuid)`;
  return sql`and m.created_at ${sign} ${at}::timestamptz`;
}

async function readKeysetPage(thread: Thread, cursor: MessageCursor | undefined, limit: number) {
  const backward = cursor?.backward ?? false;
  const found = await select(thread, { cursor }, limit + 1, 0);
  const hasMore = found.length > limit;
  const rows = found.slice(0, limit);
  if (backward) rows.reverse();
  const to = (row: Row | undefined, goBack: boolean) =>
    row ? encodeCursor({ at: row.at, id: row.id, backward: goBack }) : null;
  const cursors = {
    next: backward || hasMore ? to(rows.at(-1), false) : null,
    previous: backward ? (hasMore ? to(rows[0], true) : null) : cursor ? to(rows[0], true) : null,
  };
  return { rows, cursors };
}
