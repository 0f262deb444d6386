import type { Schema } from '@parley/db/schema';
import type { ContentArticlesTable } from '@parley/db/tables-agent-work';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

export type ContentArticleRow = Selectable<ContentArticlesTable>;
export type ContentArticleChanges = Omit<Updateable<ContentArticlesTable>, 'project_id' | 'id' | 'version'>;

export interface ListedArticles {
  projectId: number;
  isEnabled?: boolean | undefined;
  search?: string | undefined;
}

/** A search reads the titles of the project: articles are written by hand, so there are few. */
function selectListed(tx: Kysely<Schema>, { projectId, isEnabled, search }: ListedArticles) {
  return tx
    .selectFrom('content_articles as a')
    .where('a.project_id', '=', projectId)
    .$if(isEnabled !== undefined, (query) => query.where('a.is_enabled', '=', isEnabled === true))
    .$if(search !== undefined, (query) =>
      query.where(sql<boolean>`position(lower(${search}) in lower(a.title)) > 0`),
    );
}

function shown(query: ReturnType<typeof selectListed>) {
  return query
    .leftJoin('users as u', 'u.id', 'a.created_by')
    .select(['a.id', 'a.title', 'a.body', 'a.is_enabled', 'a.channels', 'a.embeddings'])
    .select(['a.created_at', 'a.updated_at'])
    .select(userJson('u').as('created_by'));
}

export async function count(tx: Kysely<Schema>, listed: ListedArticles): Promise<number> {
  const { n } = await selectListed(tx, listed)
    .select((eb) => eb.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

export function findMany(
  tx: Kysely<Schema>,
  listed: ListedArticles,
  page: { limit: number; offset: number },
) {
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

export type ShownArticle = NonNullable<Awaited<ReturnType<typeof find>>>;

export async function insert(
  tx: Transaction<Schema>,
  row: Insertable<ContentArticlesTable>,
): Promise<ContentArticleRow> {
  return tx.insertInto('content_articles').values(row).returningAll().executeTakeFirstOrThrow();
}

export function lock(
  tx: Transaction<Schema>,
  projectId: number,
  id: string,
): Promise<ContentArticleRow | undefined> {
  return tx
    .selectFrom('content_articles')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export function update(
  tx: Transaction<Schema>,
  row: ContentArticleRow,
  changes: ContentArticleChanges,
): Promise<ContentArticleRow> {
  return tx
    .updateTable('content_articles')
    .set({ ...changes, version: row.version + 1 })
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function remove(tx: Transaction<Schema>, row: ContentArticleRow): Promise<void> {
  await tx
    .deleteFrom('content_articles')
    .where('project_id', '=', row.project_id)
    .where('id', '=', row.id)
    .execute();
}
