import { sql } from 'kysely';
import { type Project, requireUser } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { selectViewJson, visibleTo } from './views.sql.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** The views a reader may see, their favourites first, then newest first. */
export async function listViews(
  context: ReadContext,
  project: Project,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<RawJson> {
  const reader = { projectId: project.id, userId: requireUser(context.actor).id };
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const total = await sql<{ n: number }>`
    select count(*) as n from ticket_views v where ${visibleTo(reader)}`.execute(context.tx);
  const rest = sql`order by (f.view_id is not null) desc, v.created_at desc, v.id desc
    limit ${page.limit} offset ${page.offset}`;
  const { rows } = await selectViewJson(reader, rest).execute(context.tx);
  const count = Number(total.rows[0]?.n ?? 0);
  return rawPage(
    { count, ...pageLinks(url, page, count) },
    rows.map((row) => row.json),
  );
}
