import type { ViewUpdate } from '@parley/contract/views';
import { type Project, requireUser } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { RawJson } from '#platform/http/call.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { viewEvent } from './views.events.ts';
import { checkViewFilters } from './views.filters.ts';
import { setMarks } from './views.marks.ts';
import { canChangeVisibility } from './views.policy.ts';
import { update, type ViewChanges } from './views.repo.ts';
import { showView } from './views.retrieve.ts';
import { type ChangeableView, lockView, requireChangeable } from './views.service.ts';

/** Changes a view, and the caller's own marks on it. Only the first needs edit access. */
export async function updateView(
  uow: Uow,
  project: Project,
  shortId: string,
  body: ViewUpdate,
): Promise<RawJson> {
  const userId = requireUser(uow.actor).id;
  const view = await lockView(uow, project, shortId);
  if (body.name !== undefined || body.filters !== undefined || body.visibility !== undefined) {
    await changeView(uow, project, requireChangeable(project, view), body);
  }
  await setMarks(uow, { projectId: project.id, userId }, view.id, body);
  return showView(uow, project, shortId);
}

async function changeView(
  uow: Uow,
  project: Project,
  view: ChangeableView,
  { name, filters, visibility }: ViewUpdate,
): Promise<void> {
  if (filters !== undefined) await checkViewFilters(uow, project, filters);
  const shown = view.created_by === null ? 'shared' : view.visibility;
  const changes: ViewChanges = {};
  if (name !== undefined) changes.name = name.trim();
  if (filters !== undefined) changes.filters = JSON.stringify(filters);
  // Sent again as it is shown, it is no change, whoever sends it.
  if (visibility !== undefined && visibility !== shown) {
    if (!canChangeVisibility(view, requireUser(uow.actor).id)) {
      throw invalid('visibility', 'Only the creator of a view can change who sees it.');
    }
    changes.visibility = visibility;
  }
  if (Object.keys(changes).length === 0) return;
  uow.emit(viewEvent('views.update', await update(uow.tx, view, changes, uow.now)));
}
