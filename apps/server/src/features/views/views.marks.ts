import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import type { ViewReader } from './views.sql.ts';

export interface ViewMarks {
  is_favorited?: boolean;
  is_default?: boolean;
}

/**
 * Sets or clears a reader's own marks on a view. Both ways are idempotent; a new default takes the place of the one
 * before it, and clearing one view's mark leaves another's alone. The view is locked, so it can't vanish meanwhile.
 */
export async function setMarks(
  uow: Uow,
  { projectId, userId }: ViewReader,
  viewId: string,
  marks: ViewMarks,
): Promise<void> {
  if (marks.is_favorited === true) {
    await sql`
      insert into ticket_view_favorites (project_id, user_id, view_id) values (${projectId}, ${userId}, ${viewId})
      on conflict do nothing`.execute(uow.tx);
  } else if (marks.is_favorited === false) {
    await sql`
      delete from ticket_view_favorites
      where project_id = ${projectId} and user_id = ${userId} and view_id = ${viewId}`.execute(uow.tx);
  }
  if (marks.is_default === true) {
    await sql`
      insert into ticket_view_defaults (project_id, user_id, view_id) values (${projectId}, ${userId}, ${viewId})
      on conflict (project_id, user_id) do update set view_id = excluded.view_id`.execute(uow.tx);
  } else if (marks.is_default === false) {
    await sql`
      delete from ticket_view_defaults
      where project_id = ${projectId} and user_id = ${userId} and view_id = ${viewId}`.execute(uow.tx);
  }
}
