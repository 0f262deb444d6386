import { projectAccess } from '@parley/contract/project-access';
import { projects } from '@parley/contract/projects';
import { requireUser } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import { listAccess, resetAccess, setAccess } from './project-access.service.ts';
import {
  createProject,
  deleteProject,
  listProjects,
  renewWidgetToken,
  showProject,
  updateProject,
} from './projects.service.ts';

/** Projects, their settings, and who may do what in them. */
export function bindProjectsRoutes(binder: Binder, secretBox: SecretBox): void {
  binder.read(projects.list, async (context, call) => {
    const { actor } = call;
    const limit = actor.kind === 'key' ? actor.projectIds : null;
    return pageOfList(call, await listProjects(context, requireUser(actor).id, limit));
  });
  wholeAccount(binder).write(projects.create, async (uow, { organization, body }) => {
    const { id } = await createProject(uow, secretBox, { organizationId: organization.id, ...body });
    return showProject(uow, id);
  });
  binder.read(projects.retrieve, (context, { project }) => showProject(context, project.id));
  binder.write(projects.update, (uow, { project, body }) => updateProject(uow, secretBox, project.id, body));
  binder.write(projects.generateConversationsPublicToken, (uow, { project }) =>
    renewWidgetToken(uow, project.id),
  );
  binder.write(projects.delete, async (uow, { project }) => {
    await deleteProject(uow, project);
    return undefined;
  });
  binder.read(projectAccess.list, async (context, call) =>
    pageOfList(call, await listAccess(context, call.project)),
  );
  binder.write(projectAccess.update, (uow, { project, params, body }) =>
    setAccess(uow, project, params.user_id, body.level),
  );
  binder.write(projectAccess.delete, async (uow, { project, params }) => {
    await resetAccess(uow, project, params.user_id);
    return undefined;
  });
}
