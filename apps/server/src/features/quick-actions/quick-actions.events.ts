import type { NewEvent } from '#platform/events/event.ts';
import type { QuickActionRow } from './quick-actions.repo.ts';

/** An event about a quick action as it is after the change. The name of a personal one stays with its creator. */
export function quickActionEvent(
  name: 'quick_actions.create' | 'quick_actions.update' | 'quick_actions.delete',
  { project_id, id, short_id, visibility, version, ...row }: QuickActionRow,
): NewEvent {
  const payload = { id, short_id, visibility, name: visibility === 'personal' ? null : row.name };
  return { name, projectId: project_id, resourceId: id, resourceVersion: version, payload };
}
