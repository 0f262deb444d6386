import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';

/** Tickets that are still to be composed get the tags that there are: renamed and merged ones `into`, deleted ones not. */
export async function replaceTagsInDrafts(
  uow: Uow,
  projectId: number,
  from: readonly string[],
  into: string | null,
): Promise<void> {
  await sql`
    update drafts d set version = d.version + 1, tags = array(
      select tag from (
        select case when old.tag = any(${[...from]}::text[]) then ${into}::text else old.tag end as tag, min(n) as n
        from unnest(d.tags) with ordinality as old(tag, n) group by 1) fresh
      where tag is not null order by n)
    where d.project_id = ${projectId} and d.tags && ${[...from]}::text[]`.execute(uow.tx);
}
