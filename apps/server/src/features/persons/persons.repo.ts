import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';

type Tx = Transaction<Schema>;

/**
 * The persons these distinct ids belong to, oldest first. They are locked in the order of their ids, the same for
 * everybody, so that two who merge the same persons wait for each other once.
 */
export async function lockOwners(
  tx: Tx,
  projectId: number,
  distinctIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string; created_at: Date }>`
    select p.id, p.created_at from persons p
    where p.project_id = ${projectId} and p.id in (
      select d.person_id from person_distinct_ids d
      where d.project_id = ${projectId} and d.distinct_id = any(${[...distinctIds]}::text[]))
    order by p.id for update`.execute(tx);
  return rows
    .sort((a, b) => a.created_at.getTime() - b.created_at.getTime() || (a.id < b.id ? -1 : 1))
    .map((row) => row.id);
}

/** Person by distinct id, as of now. */
export async function findOwners(
  tx: Tx,
  projectId: number,
  distinctIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('person_distinct_ids')
    .select(['distinct_id', 'person_id'])
    .where('project_id', '=', projectId)
    .where('distinct_id', 'in', [...distinctIds])
    .execute();
  return new Map(rows.map((row) => [row.distinct_id, row.person_id]));
}

export async function insert(tx: Tx, projectId: number, id: string, now: Date): Promise<void> {
  await tx
    .insertInto('persons')
    .values({ project_id: projectId, id, created_at: now, updated_at: now })
    .execute();
}

/** Their distinct ids go with them. */
export async function remove(tx: Tx, projectId: number, ids: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('persons')
    .where('project_id', '=', projectId)
    .where('id', 'in', [...ids])
    .execute();
}

/**
 * Gives a person those ids that nobody has; the number of them. Sorted, so that two who want the same new ids wait in
 * one order. An id that somebody else is just taking is waited for, and then left to them. `onlySaid` are those
 * that only a page puts there.
 */
export async function attach(
  tx: Tx,
  projectId: number,
  personId: string,
  distinctIds: readonly string[],
  now: Date,
  onlySaid: readonly string[] = [],
): Promise<number> {
  const { rows } = await sql`
    insert into person_distinct_ids (project_id, distinct_id, person_id, created_at, is_said)
    select ${projectId}, distinct_id, ${personId}::uuid, ${now}, distinct_id = any(${[...onlySaid]}::text[])
    from unnest(${[...distinctIds].sort()}::text[]) as distinct_id
    on conflict (project_id, distinct_id) do nothing
    returning distinct_id`.execute(tx);
  return rows.length;
}

/** Moves all ids of some persons to another. */
export async function moveIds(tx: Tx, projectId: number, from: readonly string[], to: string): Promise<void> {
  await tx
    .updateTable('person_distinct_ids')
    .set({ person_id: to })
    .where('project_id', '=', projectId)
    .where('person_id', 'in', [...from])
    .execute();
}

/** What a program with a key says of ids counts, whoever said it before. */
export async function confirmIds(tx: Tx, projectId: number, distinctIds: readonly string[]): Promise<void> {
  await sql`update person_distinct_ids set is_said = false where project_id = ${projectId}
    and distinct_id = any(${[...distinctIds]}::text[]) and is_said`.execute(tx);
}

export interface PropertyMerge {
  /** Whose properties count where stored ones differ; without them, those of the oldest. */
  named: string | undefined;
  incoming: Record<string, unknown>;
  /** Whether only a page says the new ones: an address among them is then known as said. */
  isSaid: boolean;
  isIdentified: boolean | undefined;
}

/**
 * Puts the properties of several persons together in `target`, key by key, with new ones on top; the address takes
 * along whether only a page has said it. In SQL, so that numbers keep their digits. Undefined when nothing differs,
 * else the length of the properties as text.
 */
export async function mergeProperties(
  tx: Tx,
  projectId: number,
  target: string,
  people: readonly string[],
  now: Date,
  { named, incoming, isSaid, isIdentified }: PropertyMerge,
): Promise<number | undefined> {
  const those = sql`o.project_id = ${projectId} and o.id = any(${[...people]}::uuid[])`;
  const isNamed = sql`(o.id = ${named ?? null}::uuid) is true`;
  const storedSaid = sql`(select o.is_email_said from persons o where ${those} and o.properties ? 'email'
    order by ${isNamed} desc, o.created_at, o.id limit 1)`;
  const emailSaid = 'email' in incoming ? sql`${isSaid}::boolean` : storedSaid;
  const { rows } = await sql<{ length: number }>`
    update persons p set properties = m.properties, is_identified = m.is_identified,
      is_email_said = m.is_email_said, updated_at = ${now}
    from (select
      coalesce((
        select jsonb_object_agg(e.key, e.value order by ${isNamed}, o.created_at desc, o.id desc)
        from persons o cross join jsonb_each(o.properties) e where ${those}), '{}')
        || ${JSON.stringify(incoming)}::jsonb as properties,
      coalesce(${isIdentified ?? null}::boolean,
        (select bool_or(o.is_identified) from persons o where ${those})) as is_identified,
      coalesce(${emailSaid}, false) as is_email_said) m
    where p.project_id = ${projectId} and p.id = ${target}
      and (p.properties, p.is_identified, p.is_email_said)
        is distinct from (m.properties, m.is_identified, m.is_email_said)
    returning length(p.properties::text) as length`.execute(tx);
  return rows[0]?.length;
}
