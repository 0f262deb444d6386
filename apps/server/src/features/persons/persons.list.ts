import type { PersonListQuery } from '@parley/contract/persons';
import { type RawBuilder, sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { personJson } from './persons.sql.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const SEARCH_MAX = 200;
/** As far as persons are counted (decisions.md 14). */
const COUNT_CAP = 10_000;

/** Persons of a project, newest first. A search that is empty or too long does not narrow, as for tickets. */
export async function listPersons(
  context: ReadContext,
  project: Project,
  query: PersonListQuery,
  url: URL,
): Promise<RawJson> {
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const where = conditions(project.id, query);
  const total = await sql<{ n: number }>`
    select count(*) as n from (select 1 from persons p where ${where} limit ${COUNT_CAP + 1}) counted`.execute(
    context.tx,
  );
  // The page is cut before anything is made of its rows.
  const { rows } = await sql<{ json: string }>`
    select ${personJson('p')}::text as json from (
      select p.project_id, p.id, p.properties, p.created_at, p.is_identified from persons p where ${where}
      order by p.created_at desc, p.id desc limit ${page.limit} offset ${page.offset}) p
    order by p.created_at desc, p.id desc`.execute(context.tx);
  const counted = Number(total.rows[0]?.n ?? 0);
  const isCapped = counted > COUNT_CAP;
  const count = Math.min(counted, COUNT_CAP);
  const { next, previous } = pageLinks(url, page, isCapped ? Number.POSITIVE_INFINITY : count);
  return rawPage(
    // Past the cap a full page is the only sign that there may be another.
    {
      count,
      next: rows.length === page.limit ? next : null,
      previous,
      ...(isCapped ? { count_capped: true } : {}),
    },
    rows.map((row) => row.json),
  );
}

function conditions(projectId: number, query: PersonListQuery): RawBuilder<unknown> {
  const all = [sql`p.project_id = ${projectId}`];
  const search = query.search?.trim();
  if (search && search.length <= SEARCH_MAX) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    all.push(sql`p.search_text like lower(${pattern})`);
  }
  if (query.email) all.push(sql`lower(p.properties ->> 'email') = lower(${query.email})`);
  if (query.distinct_id) {
    all.push(sql`p.id = (select d.person_id from person_distinct_ids d
      where d.project_id = ${projectId} and d.distinct_id = ${query.distinct_id})`);
  }
  return sql.join(all, sql` and `);
}
