import type { Schema } from '@parley/db/schema';
import type { Kysely } from 'kysely';

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
