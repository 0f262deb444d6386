import type { NewEvent } from '#platform/events/event.ts';
import type { ViewRow } from './views.repo.ts';

/** An event about a view as it is after the change. The name of a private one stays with its creator. */
export function viewEvent(name: 'views.create' | 'views.update' | 'views.delete', view: ViewRow): NewEvent {
  const { id, short_id, visibility, filters } = view;
  return {
    name,
    projectId: view.project_id,
    resourceId: id,
    resourceVersion: view.version,
    payload: {
      id,
      short_id,
      name: visibility === 'private' ? null : view.name,
      has_filters: typeof filters === 'object' && filters !== null && Object.keys(filters).length > 0,
      visibility,
    },
  };
}
