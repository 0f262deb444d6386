import { sql } from 'kysely';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { cursorLinks, pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import { formatInstant, parseInstant } from '#platform/instant.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { assistantName } from './messages.show.ts';
import { MESSAGE_SOURCES, messageJson } from './messages.sql.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

interface Cursor {
  at: string;
  backward: boolean;
}

/** created_at is unique within a ticket, so it is the whole position. */
function encodeCursor({ at, backward }: Cursor): string {
  return Buffer.from(`${backward ? '<' : '>'}${at}`).toString('base64url');
}

function decodeCursor(text: string): Cursor | undefined {
  const match = /^([<>])(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  const instant = match?.[2] === undefined ? undefined : parseInstant(match[2]);
  return instant && { at: formatInstant(instant), backward: match?.[1] === '<' };
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
  const where = sql`m.project_id = ${project.id} and m.ticket_id = ${ticket.id} and m.deleted_at is null`;
  const total = await sql<{ n: number }>`select count(*) as n from messages m where ${where}`.execute(
    context.tx,
  );
  const count = Number(total.rows[0]?.n ?? 0);
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const json = messageJson(assistantName(project));
  if (query.cursor === undefined) {
    const { rows } = await sql<{ json: string }>`
      select ${json} as json from ${MESSAGE_SOURCES} where ${where}
      order by m.created_at limit ${page.limit} offset ${page.offset}`.execute(context.tx);
    return rawPage(
      { count, ...pageLinks(url, page, count) },
      rows.map((row) => row.json),
    );
  }
  const cursor = decodeCursor(query.cursor);
  const backward = cursor?.backward ?? false;
  const beyond = backward
    ? sql`m.created_at < ${cursor?.at}::timestamptz`
    : sql`m.created_at > ${cursor?.at}::timestamptz`;
  const { rows } = await sql<{ json: string; at: string }>`
    select ${json} as json, iso_utc(m.created_at) as at from ${MESSAGE_SOURCES}
    where ${where} ${cursor ? sql`and ${beyond}` : sql``}
    order by m.created_at ${backward ? sql`desc` : sql`asc`} limit ${page.limit + 1}`.execute(context.tx);
  const hasMore = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  if (backward) shown.reverse();
  const to = (row: { at: string } | undefined, goBack: boolean) =>
    row ? encodeCursor({ at: row.at, backward: goBack }) : null;
  const cursors = {
    next: backward || hasMore ? to(shown.at(-1), false) : null,
    previous: backward ? (hasMore ? to(shown[0], true) : null) : cursor ? to(shown[0], true) : null,
  };
  return rawPage(
    { count, ...cursorLinks(url, page.limit, cursors) },
    shown.map((row) => row.json),
  );
}
