import { viewCounts } from '@parley/contract/view-counts';
import { views } from '@parley/contract/views';
import type { Binder } from '#platform/http/binder.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { countViews } from './views.counts.ts';
import { createView } from './views.create.service.ts';
import { deleteView } from './views.delete.ts';
import { listViews } from './views.list.ts';
import { showDefaultView, showView } from './views.retrieve.ts';
import { lockView, requireChangeable } from './views.service.ts';
import { updateView } from './views.update.ts';

export function bindViewRoutes(binder: Binder, shared: SharedState): void {
  binder.read(views.list, (context, { project, query, url }) => listViews(context, project, query, url));
  binder.write(views.create, (uow, { project, body }) => createView(uow, project, body));
  binder.read(views.default, (context, { project }) => showDefaultView(context, project));
  binder.read(viewCounts.counts, (context, { project, query }) =>
    countViews(context, shared, project, query.ids),
  );
  binder.read(views.retrieve, (context, { project, params }) => showView(context, project, params.short_id));
  binder.write(views.update, (uow, { project, params, body }) =>
    updateView(uow, project, params.short_id, body),
  );
  binder.write(views.delete, async (uow, { project, params }) => {
    await deleteView(uow, requireChangeable(project, await lockView(uow, project, params.short_id)));
    return undefined;
  });
}
