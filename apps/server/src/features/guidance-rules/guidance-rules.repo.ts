import type { Schema } from '@parley/db/schema';
import type { GuidanceRulesTable } from '@parley/db/tables-agent-work';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export type GuidanceRuleRow = Selectable<GuidanceRulesTable>;
export type GuidanceRuleChanges = Omit<Updateable<GuidanceRulesTable>, 'project_id' | 'id' | 'version'>;

export interface ListedRules {
  projectId: number;
  isActive?: boolean | undefined;
  ruleType?: string | undefined;
  search?: string | undefined;
}

/** A search reads the names of the project: rules are written by hand, so there are few. */
function selectListed(tx: Kysely<Schema>, { projectId, isActive, ruleType, search }: ListedRules) {
  return tx
    .selectFrom('guidance_rules as a')
    .where('a.project_id', '=', projectId)
    .$if(isActive !== undefined, (query) => query.where('a.is_active', '=', isActive === true))
    .$if(ruleType !== undefined, (query) => query.where(sql<boolean>`a.rule_type = ${ruleType}`))
    .$if(search !== undefined, (query) =>
      query.where(sql<boolean>`position(lower(${search}) in lower(a.name)) > 0`),
    );
}

function shown(query: ReturnType<typeof selectListed>) {
  return query
    .leftJoin('users as u', 'u.id', 'a.created_by')
    .select(['a.id', 'a.rule_type', 'a.name', 'a.content', 'a.is_active', 'a.channels'])
    .select(['a.created_at', 'a.updated_at'])
    .select(userJson('u').as('created_by'));
}

export async function count(tx: Kysely<Schema>, listed: ListedRules): Promise<number> {
  const { n } = await selectListed(tx, listed)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export function findMany(tx: Kysely<Schema>, listed: ListedRules, page: { limit: number; offset: number }) {
  return shown(selectListed(tx, listed))
    .orderBy('a.created_at', 'desc')
    .orderBy('a.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export function find(tx: Kysely<Schema>, projectId: number, id: string) {
  return shown(selectListed(tx, { projectId })).where('a.id', '=', id).executeTakeFirst();
}

export type ShownRule = NonNullable<Awaited<ReturnType<typeof find>>>;

export async function insert(
  tx: Transaction<Schema>,
  row: Insertable<GuidanceRulesTable>,
): Promise<GuidanceRuleRow> {
  return tx.insertInto('guidance_rules').values(row).returningAll().executeTakeFirstOrThrow();
}

export function lock(
  tx: Transaction<Schema>,
  projectId: number,
  id: string,
): Promise<GuidanceRuleRow | undefined> {
  return tx
    .selectFrom('guidance_rules')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export function update(
  tx: Transaction<Schema>,
  row: GuidanceRuleRow,
  changes: GuidanceRuleChanges,
): Promise<GuidanceRuleRow> {
  return tx
    .updateTable('guidance_rules')
    .set({ ...changes, version: row.version + 1 })
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function remove(tx: Transaction<Schema>, row: GuidanceRuleRow): Promise<void> {
  await tx
    .deleteFrom('guidance_rules')
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .execute();
}
