import { apiKeys } from '@parley/contract/api-keys';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { createKey, deleteKey, listKeys, showCurrentKey, updateKey } from './api-keys.service.ts';

/** A user's own API keys. */
export function bindApiKeysRoutes(binder: Binder): void {
  const account = wholeAccount(binder);
  account.read(apiKeys.list, async (context, call) => pageOfList(call, await listKeys(context)));
  account.write(apiKeys.create, (uow, { body }) => createKey(uow, body));
  // Of itself a key that is limited to some projects may know too.
  binder.read(apiKeys.retrieveCurrent, async (_context, { actor }) => showCurrentKey(actor));
  account.write(apiKeys.update, (uow, { params, body }) => updateKey(uow, params.key_id, body));
  account.write(apiKeys.delete, async (uow, { params }) => {
    await deleteKey(uow, params.key_id);
    return undefined;
  });
}
