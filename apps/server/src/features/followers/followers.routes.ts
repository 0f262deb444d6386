import { followers } from '@parley/contract/followers';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { addFollower, listFollowers, removeFollower } from './followers.change.ts';

export function bindFollowerRoutes(binder: Binder): void {
  binder.read(followers.list, async (context, call) =>
    pageOfList(call, await listFollowers(context, call.project, call.params.id)),
  );
  binder.write(followers.add, async (uow, { project, params, body }) => {
    const ticket = await findTicket(uow, project, params.id);
    return addFollower(uow, project, ticket, body.user_id);
  });
  binder.write(followers.remove, async (uow, { project, params }) => {
    const ticket = await findTicket(uow, project, params.id);
    await removeFollower(uow, project, ticket, params.user_id);
    return undefined;
  });
}
