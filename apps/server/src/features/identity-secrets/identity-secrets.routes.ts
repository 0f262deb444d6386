import { identitySecrets } from '@parley/contract/identity-secrets';
import type { Binder } from '#platform/http/binder.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import {
  deleteIdentitySecret,
  listIdentitySecrets,
  rotateIdentitySecret,
} from './identity-secrets.service.ts';

export function bindIdentitySecretRoutes(binder: Binder, secretBox: SecretBox): void {
  binder.read(identitySecrets.list, async (context, call) =>
    pageOfList(call, await listIdentitySecrets(context, call.project)),
  );
  binder.write(identitySecrets.rotate, (uow, { project }) => rotateIdentitySecret(uow, secretBox, project));
  binder.write(identitySecrets.delete, async (uow, { project, params }) => {
    await deleteIdentitySecret(uow, project, params.identity_secret_id);
    return undefined;
  });
}
