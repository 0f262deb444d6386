import { type Actor, type Project, userOf } from '#platform/actor.ts';
import { hasAccess } from '#platform/authorized.ts';

/** Following is one's own business; having somebody else follow or stop is a change others see. */
export const canChangeFollower = (project: Project, actor: Actor, userId: number): boolean =>
  userOf(actor)?.id === userId || hasAccess(project.access, 'editor');
