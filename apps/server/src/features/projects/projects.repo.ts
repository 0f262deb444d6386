import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

export interface NewProject {
  organization_id: string;
  name: string;
  timezone: string;
  token: string;
  identity_secret: string;
}

export async function insert(tx: Transaction<Schema>, project: NewProject, now: Date): Promise<number> {
  const { id } = await tx
    .insertInto('projects')
    .values({ ...project, created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Without its counters a project can neither number a ticket nor an event. */
export async function insertCounters(tx: Transaction<Schema>, projectId: number): Promise<void> {
  await tx.insertInto('ticket_counters').values({ project_id: projectId }).execute();
  await tx.insertInto('event_counters').values({ project_id: projectId }).execute();
}

/** Project ids start at 1 again: a first start that was rolled back has used up numbers. */
export async function restartIds(tx: Transaction<Schema>): Promise<void> {
  await sql`alter table projects alter column id restart with 1`.execute(tx);
}

export function findFirst(tx: Kysely<Schema>) {
  return tx.selectFrom('projects').select(['id', 'token']).orderBy('id').limit(1).executeTakeFirst();
}
