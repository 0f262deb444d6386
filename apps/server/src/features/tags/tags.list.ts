import type { PageOf } from '@parley/contract/schemas';
import type { Tag, TagListQuery } from '@parley/contract/tags';
import { sql } from 'kysely';
import { countByTag } from '#features/ticket-counts/ticket-counts.service.ts';
import type { Project } from '#platform/actor.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** The vocabulary of a project, by name. */
export async function listTags(
  context: ReadContext,
  project: Project,
  query: TagListQuery,
  url: URL,
): Promise<PageOf<Tag>> {
  const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
  const search = query.search?.trim() ?? '';
  // position takes what is sought as it is: % and _ stand for themselves.
  const where = sql`g.project_id = ${project.id} and g.operation_id is null
    and (${search} = '' or position(lower(${search}) in g.name) > 0)`;
  const total = await sql<{ n: number }>`select count(*) as n from tags g where ${where}`.execute(context.tx);
  const { rows } = await sql<{ name: string; created_at: string }>`
    select g.name, iso_utc(g.created_at) as created_at from tags g
    where ${where} order by g.name limit ${page.limit} offset ${page.offset}`.execute(context.tx);
  const count = Number(total.rows[0]?.n ?? 0);
  const results = query.counts === 'true' ? await addCounts(context, project, rows) : rows;
  return { count, ...pageLinks(url, page, count), results };
}

/** How many tickets have each tag, exact at every size (decisions.md 14). */
async function addCounts(context: ReadContext, project: Project, tags: readonly Tag[]): Promise<Tag[]> {
  const counts = await countByTag(
    context,
    project.id,
    tags.map(({ name }) => name),
  );
  return tags.map((tag) => ({ ...tag, ticket_count: counts.get(tag.name) ?? 0 }));
}
