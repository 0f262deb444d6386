import type { Follower } from '@parley/contract/followers';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { findTicket, type TicketRow } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser, userOf } from '#platform/actor.ts';
import { forbidden, invalid, notFound } from '#platform/api-error.ts';
import { Answer } from '#platform/http/call.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { canChangeFollower } from './followers.policy.ts';
import * as repo from './followers.repo.ts';
import { addFollowers, holdReaders, presentFollower } from './followers.service.ts';

const INT4_MAX = 2_147_483_647;

export async function listFollowers(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<Follower[]> {
  const ticket = await findTicket(context, project, idOrNumber);
  return (await repo.findMany(context.tx, ticket)).map(presentFollower);
}

/** 201, or 200 for who follows it already. Nothing of the ticket's row changes, so it is not locked. */
export async function addFollower(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  userId = requireUser(uow.actor).id,
): Promise<Answer> {
  if (!canChangeFollower(project, uow.actor, userId)) throw forbidden();
  const isId = userId > 0 && userId <= INT4_MAX;
  const [reader] = isId ? await holdReaders(uow, project, [userId]) : [];
  if (reader === undefined) throw invalid('user_id', 'The user cannot see this project.', 'does_not_exist');
  const { added } = await addFollowers(uow, ticket, [reader]);
  const [row] = await repo.findMany(uow.tx, ticket, reader);
  if (!row) throw new Error('A follower who was just added is not there.');
  return new Answer(added.length > 0 ? 201 : 200, presentFollower(row));
}

/** 404 for who does not follow it. */
export async function removeFollower(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  ref: string,
): Promise<void> {
  const userId = ref === '@me' ? userOf(uow.actor)?.id : Number(/^[1-9]\d{0,9}$/.exec(ref)?.[0] ?? 0);
  if (userId === undefined || userId === 0 || userId > INT4_MAX) throw notFound();
  if (!canChangeFollower(project, uow.actor, userId)) throw forbidden();
  if (!(await repo.remove(uow.tx, ticket, userId))) throw notFound();
  uow.emit(ticketEvent('followers.remove', ticket, { user_id: userId }));
}
