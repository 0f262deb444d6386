import Type, { type Static } from 'typebox';
import { ORGANIZATION_PATH } from './organizations.ts';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, NonBlank, Page, PageQuery, Uuid } from './schemas.ts';

const ROLES_PATH = `${ORGANIZATION_PATH}roles/` as const;
const ROLE_PATH = `${ROLES_PATH}:role_id/` as const;

export const Role = Type.Object(
  { id: Uuid, name: Type.String(), members: Type.Array(BasicUser), created_at: Instant },
  { title: 'Role' },
);
export type Role = Static<typeof Role>;

const Name = NonBlank(100);
const read = { credentials: 'trusted', organization: 'member' } as const;
const manage = { credentials: 'trusted', organization: 'admin' } as const;

export const roles = {
  list: defineRoute({
    id: 'roles.list',
    method: 'GET',
    path: ROLES_PATH,
    summary: 'List the groups of users that tickets can be assigned to',
    ...read,
    query: Type.Object(PageQuery),
    responses: { 200: Page(Role) },
  }),
  create: defineRoute({
    id: 'roles.create',
    method: 'POST',
    path: ROLES_PATH,
    summary: 'Create a role; its name is unique in the organization',
    ...manage,
    idempotent: true,
    body: Type.Object({ name: Name }),
    responses: { 201: Role },
  }),
  retrieve: defineRoute({
    id: 'roles.retrieve',
    method: 'GET',
    path: ROLE_PATH,
    summary: 'Get a role',
    ...read,
    responses: { 200: Role },
  }),
  update: defineRoute({
    id: 'roles.update',
    method: 'PATCH',
    path: ROLE_PATH,
    summary: 'Rename a role',
    ...manage,
    body: Type.Object({ name: Type.Optional(Name) }),
    responses: { 200: Role },
  }),
  delete: defineRoute({
    id: 'roles.delete',
    method: 'DELETE',
    path: ROLE_PATH,
    summary: 'Delete a role; its tickets are then assigned to nobody',
    ...manage,
    responses: { 204: null },
  }),
  addMember: defineRoute({
    id: 'roles.add_member',
    method: 'PUT',
    path: `${ROLE_PATH}members/:user_id/`,
    summary: 'Put a member of the organization into a role',
    ...manage,
    responses: { 200: Role },
  }),
  removeMember: defineRoute({
    id: 'roles.remove_member',
    method: 'DELETE',
    path: `${ROLE_PATH}members/:user_id/`,
    summary: 'Take a member out of a role',
    ...manage,
    responses: { 204: null },
  }),
};
