import type { Actor } from '#platform/actor.ts';
import { forbidden } from '#platform/api-error.ts';
import type { Binder } from './binder.ts';

function refuseLimitedKey(actor: Actor): void {
  if (actor.kind !== 'key' || actor.projectIds === null) return;
  throw forbidden('API key is limited to certain projects; this action is about more than those.');
}

/**
 * A binder for routes about people, keys and organizations. A key that is limited to some projects must not reach
 * them, whatever its scopes: it could invite somebody who is not limited.
 */
export function wholeAccount(binder: Binder): Binder {
  return {
    read: (declaration, handler) =>
      binder.read(declaration, async (context, call) => {
        refuseLimitedKey(call.actor);
        return handler(context, call);
      }),
    write: (declaration, handler) =>
      binder.write(declaration, async (uow, call) => {
        refuseLimitedKey(call.actor);
        return handler(uow, call);
      }),
    mixed: (declaration, handler) =>
      binder.mixed(declaration, async (unitOfWork, call) => {
        refuseLimitedKey(call.actor);
        return handler(unitOfWork, call);
      }),
  };
}
