import { sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { findTicket } from './tickets.service.ts';

/** What was done to a ticket, newest first (tickets-api.md 6.4). */
export async function listActivity(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<RawJson> {
  const ticket = await findTicket(context, project, idOrNumber);
  const page = readPage(query, 100, 1000);
  const total = await sql<{ n: number }>`
    select count(*) as n from activities where project_id = ${project.id} and ticket_id = ${ticket.id}`.execute(
    context.tx,
  );
  const { rows } = await sql<{ json: string }>`
    select json_build_object('id', a.id, 'activity', a.activity, 'detail', a.detail, 'actor', a.actor,
      'created_at', iso_utc(a.created_at))::text as json
    from activities a where a.project_id = ${project.id} and a.ticket_id = ${ticket.id}
    order by a.id desc limit ${page.limit} offset ${page.offset}`.execute(context.tx);
  const count = Number(total.rows[0]?.n ?? 0);
  return rawPage(
    { count, ...pageLinks(url, page, count) },
    rows.map((row) => row.json),
  );
}
