import type { notifications } from '@parley/contract/notifications';
import type { BodyOf } from '@parley/contract/route';
import { sql } from 'kysely';
import { type Project, requireUser } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** Some notifications of the caller by id, or all that happened until an instant. Others' are left alone. */
export async function markRead(
  uow: Uow,
  project: Project,
  { ids, until }: BodyOf<typeof notifications.markRead>,
): Promise<{ changed: number }> {
  if ((ids === undefined) === (until === undefined)) throw invalid('ids', 'Send either ids or until.');
  const which = ids ? sql`n.id = any(${ids}::uuid[])` : sql`n.updated_at <= ${toInstant(until ?? '')}`;
  // Locked in one order, as whoever adds to them does.
  const { numAffectedRows } = await sql`
    with chosen as (
      select n.id from notifications n
      where n.project_id = ${project.id} and n.user_id = ${requireUser(uow.actor).id} and ${which}
        and n.read_at is null
      order by n.id for update
    )
    update notifications n set read_at = ${uow.now} from chosen
    where n.project_id = ${project.id} and n.id = chosen.id`.execute(uow.tx);
  return report(uow, project, numAffectedRows);
}

export async function markUnread(
  uow: Uow,
  project: Project,
  ids: readonly string[],
): Promise<{ changed: number }> {
  const { numAffectedRows } = await sql`
    update notifications n set read_at = null
    where n.project_id = ${project.id} and n.user_id = ${requireUser(uow.actor).id}
      and n.id = any(${[...ids]}::uuid[]) and n.read_at is not null`.execute(uow.tx);
  return report(uow, project, numAffectedRows);
}

/** Their other windows show the same. */
function report(uow: Uow, project: Project, changed = 0n): { changed: number } {
  const userIds = [requireUser(uow.actor).id];
  if (changed > 0n) uow.signal({ projectId: project.id, userIds, name: 'notifications.update' });
  return { changed: Number(changed) };
}
