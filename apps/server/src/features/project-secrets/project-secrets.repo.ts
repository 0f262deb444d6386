import type { Schema } from '@parley/db/schema';
import type { ProjectSecretsTable } from '@parley/db/tables-service';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';

const SHOWN = ['id', 'kind', 'label', 'scopes', 'mask', 'created_at'] as const;

export type ProjectSecretRow = Pick<Selectable<ProjectSecretsTable>, (typeof SHOWN)[number]>;

/** Newest first. */
export function findMany(tx: Kysely<Schema>, projectId: number): Promise<ProjectSecretRow[]> {
  return tx
    .selectFrom('project_secrets')
    .select(SHOWN)
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export function insert(
  tx: Transaction<Schema>,
  secret: Insertable<ProjectSecretsTable>,
): Promise<ProjectSecretRow> {
  return tx.insertInto('project_secrets').values(secret).returning(SHOWN).executeTakeFirstOrThrow();
}

/** What was the primary secret becomes the backup secret, and what was that is gone. */
export async function retirePrimary(tx: Transaction<Schema>, projectId: number): Promise<void> {
  await tx
    .deleteFrom('project_secrets')
    .where('project_id', '=', projectId)
    .where('kind', '=', 'backup')
    .execute();
  await tx
    .updateTable('project_secrets')
    .set({ kind: 'backup' })
    .where('project_id', '=', projectId)
    .where('kind', '=', 'primary')
    .execute();
}

export async function remove(tx: Transaction<Schema>, projectId: number, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('project_secrets')
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
