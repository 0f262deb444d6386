import { emailConfigs } from '@parley/contract/email-configs';
import type { Binder } from '#platform/http/binder.ts';
import {
  createEmailConfig,
  deleteEmailConfig,
  listEmailConfigs,
  updateEmailConfig,
} from './email-configs.service.ts';

export function bindEmailConfigRoutes(binder: Binder): void {
  binder.read(emailConfigs.list, (context, call) => listEmailConfigs(context, call.project, call));
  binder.write(emailConfigs.create, (uow, { project, body }) => createEmailConfig(uow, project, body));
  binder.write(emailConfigs.update, (uow, { project, params, body }) =>
    updateEmailConfig(uow, project, params.id, body),
  );
  binder.write(emailConfigs.delete, async (uow, { project, params }) => {
    await deleteEmailConfig(uow, project, params.id);
    return undefined;
  });
}
