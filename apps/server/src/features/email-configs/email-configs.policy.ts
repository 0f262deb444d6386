import type { Project } from '#platform/actor.ts';
import { hasAccess } from '#platform/authorized.ts';

/** A verified address speaks for the team: who says so must manage the project. */
export const canVerify = (project: Project): boolean => hasAccess(project.access, 'manager');
