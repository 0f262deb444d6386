import { sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { RawJson } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { MESSAGE_SOURCES, messageJson } from './messages.sql.ts';

const DEFAULT_ASSISTANT_NAME = 'AI assistant';

/** The name under which the AI writes in this project (decisions.md 35). */
export function assistantName(project: Project): string {
  const name = project.settings.ai_assistant_name;
  return typeof name === 'string' && name.trim() !== '' ? name : DEFAULT_ASSISTANT_NAME;
}

/** One message as JSON. */
export async function showMessage(context: ReadContext, project: Project, id: string): Promise<RawJson> {
  const { rows } = await sql<{ json: string }>`
    select ${messageJson(assistantName(project))} as json from ${MESSAGE_SOURCES}
    where m.project_id = ${project.id} and m.id = ${id}`.execute(context.tx);
  if (!rows[0]) throw new Error('A message that was just written is not there.');
  return new RawJson(rows[0].json);
}
