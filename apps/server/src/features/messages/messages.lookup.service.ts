import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

export { assistantName, showMessage } from './messages.show.ts';

/** Whether there is a message of this id in the project, deleted ones included. */
export async function hasMessage(context: ReadContext, project: Project, id: string): Promise<boolean> {
  const message = await context.tx
    .selectFrom('messages')
    .select('id')
    .where('project_id', '=', project.id)
    .where('id', '=', id)
    .executeTakeFirst();
  return message !== undefined;
}
