import { sql } from 'kysely';
import { MESSAGE_SOURCES, messageJson } from '#features/messages/messages.sql.ts';
import type { Project } from '#platform/actor.ts';
import { RawJson } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

/** A message that a service posted, as JSON; also when it was deleted since. */
export async function showPosted({ tx }: ReadContext, project: Project, id: string): Promise<RawJson> {
  // The assistant's name stands for messages of the AI, and these are of workflows.
  const { rows } = await sql<{ json: string }>`
    select ${messageJson('')} as json from ${MESSAGE_SOURCES}
    where m.project_id = ${project.id} and m.id = ${id}`.execute(tx);
  if (!rows[0]) throw new Error('A message that was posted is not there.');
  return new RawJson(rows[0].json);
}
