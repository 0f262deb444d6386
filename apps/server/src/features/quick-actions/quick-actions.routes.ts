import { quickActions } from '@parley/contract/quick-actions';
import type { Binder } from '#platform/http/binder.ts';
import {
  createQuickAction,
  deleteQuickAction,
  listQuickActions,
  showQuickAction,
  updateQuickAction,
  useQuickAction,
} from './quick-actions.service.ts';

export function bindQuickActionRoutes(binder: Binder): void {
  binder.read(quickActions.list, (context, { project, query, url }) =>
    listQuickActions(context, project, query, url),
  );
  binder.write(quickActions.create, (uow, { project, body }) => createQuickAction(uow, project, body));
  binder.read(quickActions.retrieve, (context, { project, params }) =>
    showQuickAction(context, project, params.short_id),
  );
  binder.write(quickActions.update, (uow, { project, params, body }) =>
    updateQuickAction(uow, project, params.short_id, body),
  );
  binder.write(quickActions.replace, (uow, { project, params, body }) =>
    updateQuickAction(uow, project, params.short_id, body),
  );
  binder.write(quickActions.delete, async (uow, { project, params }) => {
    await deleteQuickAction(uow, project, params.short_id);
    return undefined;
  });
  binder.write(quickActions.use, (uow, { project, params }) => useQuickAction(uow, project, params.short_id));
}
