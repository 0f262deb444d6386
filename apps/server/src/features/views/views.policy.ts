import type { Project } from '#platform/actor.ts';
import { hasAccess } from '#platform/authorized.ts';

/** A view is a thing of the team; marks on it (favourite, default) are each reader's own. */
export const canChangeViews = (project: Project): boolean => hasAccess(project.access, 'editor');

/** Who sees a view is up to its creator alone, and settled when that account is gone (tickets-api.md 4.1). */
export const canChangeVisibility = (view: { created_by: number | null }, userId: number): boolean =>
  view.created_by === userId;
