import type { TagListQuery } from '@parley/contract/tags';
import { sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** The vocabulary of a project, by name. */
export async function listTags(
  context: ReadContext,
  project: Project,
  query: TagListQuery,
  url: URL,
): Promise<RawJson> {
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const search = query.search?.trim() ?? '';
  // position takes what is sought as it is: % and _ stand for themselves.
  const where = sql`g.project_id = ${project.id}
    and (${search} = '' or position(lower(${search}) in g.name) > 0)`;
  const total = await sql<{ n: number }>`select count(*) as n from tags g where ${where}`.execute(context.tx);
  const { rows } = await sql<{ json: string }>`
    select json_build_object('name', g.name, 'created_at', iso_utc(g.created_at))::text as json
    from tags g where ${where} order by g.name limit ${page.limit} offset ${page.offset}`.execute(context.tx);
  const count = Number(total.rows[0]?.n ?? 0);
  return rawPage(
    { count, ...pageLinks(url, page, count) },
    rows.map((row) => row.json),
  );
}
