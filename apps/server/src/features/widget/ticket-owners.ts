import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { Visitor } from './visitor.ts';
import { ticketsOf } from './widget.list-tickets.ts';

/** By what visitors may see a ticket. */
export interface TicketOwner {
  id: string;
  session: Buffer | null;
  distinct_id: string;
  /** Proven, and therefore opened by a claim. */
  email: string | null;
}

const selectOwners = fixedStatement<TicketOwner, [number, string[]]>(
  (project, ids) => sql`
    select t.id, t.widget_session_hash as session, t.distinct_id,
      case when t.identity_verified and t.channel_source <> 'widget' then lower(t.distinct_id) end as email
    from tickets t where t.project_id = ${project} and t.id = any(${ids}::uuid[]) and t.deleted_at is null`,
);

/** Whose these tickets are, as of now; deleted ones are nobody's. */
export function findOwners(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  ids: readonly string[],
): Promise<TicketOwner[]> {
  return selectOwners(tx, projectId, [...ids]);
}

const selectIds = fixedStatement<{ id: string }, [number, Buffer | null, string | null, string | null]>(
  (project, session, identity, email) => ticketsOf(project, { session, identity, email }),
);

/** The tickets a visitor may see. */
export async function findTicketIds(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  { session, identity, email }: Visitor,
): Promise<string[]> {
  return (await selectIds(tx, projectId, session, identity, email)).map(({ id }) => id);
}

const selectDistinctIds = fixedStatement<{ distinct_id: string }, [number, string]>(
  (project, identity) => sql`
    select b.distinct_id from person_distinct_ids a
    join person_distinct_ids b on b.project_id = a.project_id and b.person_id = a.person_id
    where a.project_id = ${project} and a.distinct_id = ${identity} and not a.is_said and not b.is_said`,
);

/** All ids of a visitor's person; none for a browser alone. */
export async function findDistinctIds(
  { tx }: Pick<ReadContext, 'tx'>,
  projectId: number,
  { identity }: Visitor,
): Promise<string[]> {
  if (identity === null) return [];
  const rows = await selectDistinctIds(tx, projectId, identity);
  return [...new Set([identity, ...rows.map((row) => row.distinct_id)])];
}
