import { type Project, requireUser } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { type Authorized, authorize } from '#platform/authorized.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { canChangeViews } from './views.policy.ts';
import { lock, type ViewRow } from './views.repo.ts';

/** A view that its caller may change, locked until the transaction ends. */
export type ChangeableView = Authorized<ViewRow, 'change'>;

/** Locks the view a path names, or 404. Anybody who sees it may set marks on it. */
export async function lockView(uow: Uow, project: Project, shortId: string): Promise<ViewRow> {
  const reader = { projectId: project.id, userId: requireUser(uow.actor).id };
  const view = await lock(uow.tx, reader, shortId);
  if (!view) throw notFound();
  return view;
}

/** Throws 403 unless the caller may change views of the project. */
export function requireChangeable(project: Project, view: ViewRow): ChangeableView {
  return authorize(view, 'change', canChangeViews(project));
}
