import { sql } from 'kysely';
import { type Project, requireUser } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { selectViewJson } from './views.sql.ts';

/** One view, or 404: another's private view is as good as none. */
export async function showView(context: ReadContext, project: Project, shortId: string): Promise<RawJson> {
  const reader = { projectId: project.id, userId: requireUser(context.actor).id };
  const { rows } = await selectViewJson(reader, sql`and v.short_id = ${shortId}`).execute(context.tx);
  if (!rows[0]) throw notFound();
  return new RawJson(rows[0].json);
}

/** The view its reader opens first, or null; also null once that view is somebody else's private one. */
export async function showDefaultView(context: ReadContext, project: Project): Promise<RawJson> {
  const reader = { projectId: project.id, userId: requireUser(context.actor).id };
  const { rows } = await selectViewJson(reader, sql`and d.view_id is not null`).execute(context.tx);
  return new RawJson(`{"default_view":${rows[0]?.json ?? 'null'}}`);
}
