import { sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { personJson } from './persons.sql.ts';

/** One person by uuid, or 404. */
export async function showPerson(context: ReadContext, project: Project, id: string): Promise<RawJson> {
  if (!isUuid(id)) throw notFound();
  const { rows } = await sql<{ json: string }>`
    select ${personJson('p')}::text as json from persons p
    where p.project_id = ${project.id} and p.id = ${id}`.execute(context.tx);
  if (!rows[0]) throw notFound();
  return new RawJson(rows[0].json);
}
