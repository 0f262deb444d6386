import { fixedStatement } from '@parley/db/fixed-statement';
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

const selectMessage = fixedStatement<{ json: string }, [assistant: string, projectId: number, id: string]>(
  (assistant, projectId, id) => sql`
    select ${messageJson(assistant)} as json from ${MESSAGE_SOURCES}
    where m.project_id = ${projectId} and m.id = ${id}`,
);

/** One message as JSON. */
export async function showMessage(context: ReadContext, project: Project, id: string): Promise<RawJson> {
  const rows = await selectMessage(context.tx, assistantName(project), project.id, id);
  if (!rows[0]) throw new Error('A message that was just written is not there.');
  return new RawJson(rows[0].json);
}
