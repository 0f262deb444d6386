import { invitations } from '@parley/contract/invitations';
import { members, organizations } from '@parley/contract/organizations';
import { roles } from '@parley/contract/roles';
import { requireUser } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { acceptInvitation, type Sessions } from './invitations.accept.ts';
import { invite, listInvitations, withdrawInvitation } from './invitations.service.ts';
import { changeLevel, listMembers, removeMember } from './members.service.ts';
import {
  createOrganization,
  deleteOrganization,
  listOrganizations,
  showOrganization,
  updateOrganization,
} from './organizations.service.ts';
import {
  addRoleMember,
  createRole,
  deleteRole,
  listRoles,
  removeRoleMember,
  renameRole,
  showRole,
} from './roles.service.ts';

/** Organizations, and who is in them. */
export function bindOrganizationsRoutes(binder: Binder, sessions: Sessions): void {
  const account = wholeAccount(binder);
  bindOrganizations(account);
  bindMembers(account);
  bindRoles(account);
  bindInvitations(account, sessions);
}

function bindOrganizations(binder: Binder): void {
  binder.read(organizations.list, async (context, call) =>
    pageOfList(call, await listOrganizations(context, requireUser(call.actor).id)),
  );
  binder.write(organizations.create, async (uow, { actor, body }) => {
    const id = await createOrganization(uow, { name: body.name, ownerId: requireUser(actor).id });
    return showOrganization(uow, id);
  });
  binder.read(organizations.retrieve, (context, { organization }) =>
    showOrganization(context, organization.id),
  );
  binder.write(organizations.update, (uow, { organization, body }) =>
    updateOrganization(uow, organization.id, body),
  );
  binder.write(organizations.delete, async (uow, { organization }) => {
    await deleteOrganization(uow, organization.id);
    return undefined;
  });
}

function bindMembers(binder: Binder): void {
  binder.read(members.list, async (context, call) =>
    pageOfList(call, await listMembers(context, call.organization.id)),
  );
  binder.write(members.update, (uow, { organization, params, body }) =>
    changeLevel(uow, organization.id, params.user_id, body.level),
  );
  binder.write(members.delete, async (uow, { organization, params }) => {
    await removeMember(uow, organization.id, params.user_id);
    return undefined;
  });
}

function bindRoles(binder: Binder): void {
  binder.read(roles.list, async (context, call) =>
    pageOfList(call, await listRoles(context, call.organization.id)),
  );
  binder.write(roles.create, (uow, { organization, body }) => createRole(uow, organization.id, body.name));
  binder.read(roles.retrieve, (context, { organization, params }) =>
    showRole(context, organization.id, params.role_id),
  );
  binder.write(roles.update, (uow, { organization, params, body }) =>
    renameRole(uow, organization.id, params.role_id, body.name),
  );
  binder.write(roles.delete, async (uow, { organization, params }) => {
    await deleteRole(uow, organization.id, params.role_id);
    return undefined;
  });
  binder.write(roles.addMember, (uow, { organization, params }) =>
    addRoleMember(uow, organization.id, params.role_id, params.user_id),
  );
  binder.write(roles.removeMember, async (uow, { organization, params }) => {
    await removeRoleMember(uow, organization.id, params.role_id, params.user_id);
    return undefined;
  });
}

function bindInvitations(binder: Binder, sessions: Sessions): void {
  binder.read(invitations.list, async (context, call) =>
    pageOfList(call, await listInvitations(context, call.organization.id)),
  );
  binder.write(invitations.create, async (uow, { organization, body, url }) => {
    const { email, level = 'member' } = body;
    const input = { organizationId: organization.id, callerLevel: organization.level, email, level };
    const invitation = await invite(uow, input);
    // After the #, so that the token reaches no server's log on the way.
    return { ...invitation, link: `${url.origin}/accept-invitation#${invitation.token}` };
  });
  binder.write(invitations.delete, async (uow, { organization, params }) => {
    await withdrawInvitation(uow, organization.id, params.invitation_id);
    return undefined;
  });
  binder.mixed(invitations.accept, async (unitOfWork, { body, request, reply }) => {
    const { user, cookies } = await acceptInvitation({ unitOfWork, sessions }, body, request);
    reply.header('set-cookie', cookies);
    return user;
  });
}
