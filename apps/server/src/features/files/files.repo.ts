import type { Schema } from '@parley/db/schema';
import type { FilesTable } from '@parley/db/tables-files';
import { type Insertable, type Selectable, sql, type Transaction } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';

type Tx = Transaction<Schema>;
export type FileRow = Selectable<FilesTable>;

export async function insert(tx: Tx, row: Insertable<FilesTable>): Promise<void> {
  await tx.insertInto('files').values(row).execute();
}

export async function markStored(tx: Tx, projectId: number, id: string): Promise<void> {
  await tx
    .updateTable('files')
    .set({ is_stored: true })
    .where('project_id', '=', projectId)
    .where('id', '=', id)
    .execute();
}

/** How much of an uploader's no message holds yet: numbers and bytes. */
export async function countUnheld(
  tx: ReadContext['tx'],
  projectId: number,
  uploader: string,
): Promise<{ files: number; bytes: number }> {
  const { rows } = await sql<{ files: number; bytes: number }>`
    select count(*)::integer as files, coalesce(sum(size), 0)::float8 as bytes from files
    where project_id = ${projectId} and uploader = ${uploader} and message_id is null`.execute(tx);
  return rows[0] ?? { files: 0, bytes: 0 };
}

/** In no order. */
export function findOwn(
  tx: Tx,
  projectId: number,
  uploaders: readonly string[],
  ids: readonly string[],
): Promise<FileRow[]> {
  return tx
    .selectFrom('files')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('uploader', 'in', [...uploaders])
    .where('id', 'in', [...ids])
    .where('is_stored', '=', true)
    .execute();
}

/** Those of these files that no message holds yet are this one's from now on. */
export async function hold(
  tx: Tx,
  projectId: number,
  messageId: string,
  tokens: readonly string[],
): Promise<void> {
  await tx
    .updateTable('files')
    .set({ message_id: messageId })
    .where('project_id', '=', projectId)
    .where('token', 'in', [...tokens])
    .where('message_id', 'is', null)
    .where('is_stored', '=', true)
    .execute();
}

export async function findByToken(
  { tx }: Pick<ReadContext, 'tx'>,
  token: string,
): Promise<FileRow | undefined> {
  const { rows } = await sql<FileRow>`
    /* system: files.find */
    select * from files where token = ${token} and is_stored`.execute(tx);
  return rows[0];
}

export interface FileKey {
  project_id: number;
  id: string;
}

/**
 * Takes files out of use that no message holds, nor anything that may become one. Once they are, no message can hold them
 * any more, so that their bytes can go.
 */
export async function retire(tx: Tx, before: Date, most: number): Promise<FileKey[]> {
  const { rows } = await sql<FileKey>`
    /* system: files.purge */
    update files f set is_stored = false where ctid = any(array(
      select f.ctid from files f
      where f.message_id is null and f.created_at < ${before}
        and not exists (select from drafts d where d.project_id = f.project_id
          and strpos(d.message || coalesce(d.rich_content::text, ''), f.token) > 0)
        and not exists (select from reply_drafts d where d.project_id = f.project_id
          and strpos(d.message || coalesce(d.rich_content::text, ''), f.token) > 0)
        and not exists (select from scheduled_replies s where s.project_id = f.project_id
          and strpos(s.message || coalesce(s.rich_content::text, ''), f.token) > 0)
        and not exists (select from quick_actions q where q.project_id = f.project_id
          and strpos(q.content || coalesce(q.rich_content::text, ''), f.token) > 0)
      limit ${most} for update skip locked))
    returning f.project_id, f.id`.execute(tx);
  return rows;
}

export async function remove(tx: Tx, { project_id, id }: FileKey): Promise<void> {
  await tx.deleteFrom('files').where('project_id', '=', project_id).where('id', '=', id).execute();
}
