import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';

/** More than anybody goes on with; it bounds what one link changes. */
const MOST = 500;

/**
 * What customers said their address is, or what is known of the person whose ticket it is. The latter counts only where
 * the ticket says nothing else and its owner never proved who they are: properties of persons come from anywhere.
 */
const selectRestorable = fixedStatement<{ id: string }, [number, string]>(
  (project, email) => sql`
    select found.id from (
      select t.id, t.created_at from tickets t
      where t.project_id = ${project} and lower(t.anonymous_traits ->> 'email') = ${email}::text
        and length(t.anonymous_traits ->> 'email') <= 254 and t.deleted_at is null
      union
      select t.id, t.created_at from persons p
      join person_distinct_ids d on d.project_id = p.project_id and d.person_id = p.id
      join tickets t on t.project_id = d.project_id and t.distinct_id = d.distinct_id
      where p.project_id = ${project} and lower(p.properties ->> 'email') = ${email}::text
        and not p.is_email_said and not d.is_said
        and t.anonymous_traits ->> 'email' is null and t.identity_verified is not true and t.deleted_at is null
    ) found
    order by found.created_at desc, found.id desc limit ${sql.lit(MOST)}`,
);

/** The tickets that a proven address opens, newest first. It is given in lower case. */
export async function findRestorable(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  email: string,
): Promise<string[]> {
  return (await selectRestorable(tx, projectId, email)).map(({ id }) => id);
}
