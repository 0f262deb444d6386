import type { Project } from '#platform/actor.ts';
import { hasAccess } from '#platform/authorized.ts';

/** Rules on who may do what to tickets (decisions.md 19c). Access is per project. */
export const canChangeTickets = (project: Project): boolean => hasAccess(project.access, 'editor');

/** Clearing the shared unread counter is a change others see (decisions.md 19). */
export const canMarkRead = (project: Project): boolean => canChangeTickets(project);
