import type { Schema } from '@parley/db/schema';
import type { IdentitySecretsTable } from '@parley/db/tables-widget';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';

const SHOWN = ['id', 'kind', 'mask', 'created_at'] as const;

export type IdentitySecretRow = Pick<Selectable<IdentitySecretsTable>, (typeof SHOWN)[number]>;

/** The current one first. */
export function findMany(tx: Kysely<Schema>, projectId: number): Promise<IdentitySecretRow[]> {
  return tx
    .selectFrom('identity_secrets')
    .select(SHOWN)
    .where('project_id', '=', projectId)
    .orderBy('kind')
    .execute();
}

export function insert(
  tx: Transaction<Schema>,
  secret: Insertable<IdentitySecretsTable>,
): Promise<IdentitySecretRow> {
  return tx.insertInto('identity_secrets').values(secret).returning(SHOWN).executeTakeFirstOrThrow();
}

/** What was the current secret becomes the previous one, and what was that is gone. */
export async function retireCurrent(tx: Transaction<Schema>, projectId: number): Promise<void> {
  await tx
    .deleteFrom('identity_secrets')
    .where('project_id', '=', projectId)
    .where('kind', '=', 'previous')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('identity_secrets as c')
          .select('c.id')
          .where('c.project_id', '=', projectId)
          .where('c.kind', '=', 'current'),
      ),
    )
    .execute();
  await tx
    .updateTable('identity_secrets')
    .set({ kind: 'previous' })
    .where('project_id', '=', projectId)
    .where('kind', '=', 'current')
    .execute();
}

export async function remove(tx: Transaction<Schema>, projectId: number, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('identity_secrets')
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
