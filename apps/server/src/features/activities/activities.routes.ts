import { activities } from '@parley/contract/activities';
import type { Binder } from '#platform/http/binder.ts';
import { listActivities } from './activities.list.ts';

export function bindActivityRoutes(binder: Binder): void {
  binder.read(activities.list, (context, { project, query, url }) =>
    listActivities(context, project, query, url),
  );
}
