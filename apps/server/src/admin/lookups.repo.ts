import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';

/** The one that was made first: an installation has one unless somebody made more through the API. */
export function findFirstOrganization(tx: Kysely<Schema>) {
  return tx
    .selectFrom('organizations')
    .select('id')
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

export function findUser(tx: Kysely<Schema>, email: string) {
  return tx.selectFrom('users').select(['id', 'email']).where('email', '=', email).executeTakeFirst();
}

/** Those of the projects that are in an organization of the user. */
export async function findProjectIds(
  tx: Kysely<Schema>,
  userId: number,
  ids: readonly number[],
): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .selectFrom('projects')
    .innerJoin('memberships', 'memberships.organization_id', 'projects.organization_id')
    .select('projects.id')
    .where('memberships.user_id', '=', userId)
    .where('projects.id', 'in', [...ids])
    .execute();
  return rows.map(({ id }) => id);
}

/** A project by its number, or the one that was made first. */
export function findProject(tx: Kysely<Schema>, id: number | undefined) {
  const query = tx.selectFrom('projects').select('id');
  return (id === undefined ? query.orderBy('id').limit(1) : query.where('id', '=', id)).executeTakeFirst();
}

export async function findMail(tx: Kysely<Schema>, projectId: number, limit: number) {
  const { rows } = await sql<{
    id: string;
    created_at: Date;
    state: string;
    to: string;
    subject: string;
    content: string;
  }>`
    select o.id, o.created_at, o.state, coalesce(o.destination ->> 'to', '') as "to",
      coalesce(o.payload ->> 'subject', '') as subject, coalesce(o.payload ->> 'content', '') as content
    from outbox o where o.project_id = ${projectId} and o.channel = 'email'
    order by o.id desc limit ${limit}`.execute(tx);
  return rows;
}
