import { sumUnread } from '#features/ticket-counts/ticket-counts.service.ts';
import type { Project } from '#platform/actor.ts';
import { uuid } from '#platform/ids.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const TTL_MS = 30_000;
const PENDING = '?';

/** Dropped by every change that alters the sum (decisions.md 6). */
export function unreadCountKey(projectId: number): string {
  return `conversations:unread_count:${projectId}`;
}

/** Unread messages of all tickets that are not resolved; 0 while Support is off (tickets-api.md 2.14). */
export async function countUnread(
  context: ReadContext,
  { cache }: Pick<SharedState, 'cache'>,
  project: Project,
): Promise<{ count: number }> {
  if (!project.conversationsEnabled) return { count: 0 };
  const key = unreadCountKey(project.id);
  const cached = await cache.get(key);
  if (cached !== undefined && !cached.startsWith(PENDING)) return { count: Number(cached) };
  // A change between reading the sum and keeping it drops the mark, and then the sum is not kept.
  const mark = `${PENDING}${uuid()}`;
  await cache.set(key, mark, TTL_MS);
  const count = await sumUnread(context, project.id);
  if ((await cache.get(key)) === mark) await cache.set(key, String(count), TTL_MS);
  return { count };
}
