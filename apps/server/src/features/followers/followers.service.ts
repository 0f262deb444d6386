import type { Follower } from '@parley/contract/followers';
import { presentUser } from '#features/auth/users.sql.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import { type Project, userOf } from '#platform/actor.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './followers.repo.ts';

/**
 * Who is to hear of what happens on a ticket, by user id: its followers and those of tickets merged into it, without
 * those who may no longer see the project.
 */
export function followersOf(context: ReadContext, projectId: number, ticketId: string): Promise<number[]> {
  return repo.findReaders(context.tx, projectId, ticketId);
}

/** Those of the users who may see the project, held as members until the transaction ends. */
export async function holdReaders(uow: Uow, project: Project, userIds: readonly number[]): Promise<number[]> {
  return userIds.length === 0 ? [] : repo.holdReaders(uow.tx, project, userIds);
}

/** Has users follow a ticket, whom `holdReaders` answered. Those who do already are left as they are. */
export async function addFollowers(
  uow: Uow,
  ticket: TicketRow,
  userIds: readonly number[],
): Promise<{ added: number[] }> {
  if (userIds.length === 0) return { added: [] };
  const added = await repo.insert(uow.tx, ticket, userIds, userOf(uow.actor)?.id ?? null, uow.now);
  for (const user_id of added) uow.emit(ticketEvent('followers.add', ticket, { user_id }));
  return { added };
}

/** A member who leaves the organization follows nothing in its projects any more. */
export async function unfollowAll(uow: Uow, projectIds: readonly number[], userId: number): Promise<void> {
  for (const projectId of projectIds) await repo.removeUser(uow.tx, projectId, userId);
}

export function presentFollower(row: repo.FollowerRow): Follower {
  return { user: presentUser(row), added_by: row.added_by, created_at: formatInstant(row.followed_at) };
}
