import { sessions as sessionRoutes, users } from '@parley/contract/people';
import { requestOrigin } from '#platform/http/admit.ts';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { changePassword } from './password.service.ts';
import { endAllSessions, endSession, listSessions } from './sessions.service.ts';
import type { Sessions } from './sessions.types.ts';
import { signIn } from './sign-in.service.ts';
import { showCurrentUser, showUser, updateCurrentUser } from './users.current.service.ts';

/** Signing in and out, and one's own account. */
export function bindAuthRoutes(binder: Binder, sessions: Sessions): void {
  const account = wholeAccount(binder);
  binder.mixed(sessionRoutes.create, async (unitOfWork, { actor, body, request, reply }) => {
    const { userId, cookies } = await signIn({ unitOfWork, sessions }, body, request);
    reply.header('set-cookie', cookies);
    return unitOfWork.read(actor, (context) => showUser(context, userId));
  });
  account.read(sessionRoutes.list, async (context, call) => pageOfList(call, await listSessions(context)));
  account.write(sessionRoutes.deleteAll, async (uow, { reply }) => {
    await endAllSessions(uow);
    sessions.clearCookie(reply);
    return undefined;
  });
  account.write(sessionRoutes.delete, async (uow, { params, reply }) => {
    const { wasCurrent } = await endSession(uow, params.session_id);
    if (wasCurrent) sessions.clearCookie(reply);
    return undefined;
  });
  binder.read(users.retrieve, (context) => showCurrentUser(context));
  account.write(users.update, (uow, { body }) => updateCurrentUser(uow, body));
  account.mixed(users.changePassword, async (unitOfWork, { actor, body, request }) => {
    const change = {
      current: body.current_password,
      next: body.new_password,
      origin: requestOrigin(request),
    };
    await changePassword(unitOfWork, actor, change);
    return undefined;
  });
}
