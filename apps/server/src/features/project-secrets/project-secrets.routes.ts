import { projectSecrets } from '@parley/contract/project-secrets';
import type { Binder } from '#platform/http/binder.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { createSecretKey, deleteSecret, listSecrets, rotateSecret } from './project-secrets.service.ts';

export function bindProjectSecretRoutes(binder: Binder): void {
  binder.read(projectSecrets.list, async (context, call) =>
    pageOfList(call, await listSecrets(context, call.project)),
  );
  binder.write(projectSecrets.create, (uow, { project, body }) => createSecretKey(uow, project, body));
  binder.write(projectSecrets.rotate, (uow, { project }) => rotateSecret(uow, project));
  binder.write(projectSecrets.delete, async (uow, { project, params }) => {
    await deleteSecret(uow, project, params.secret_id);
    return undefined;
  });
}
