import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { PROJECT_PATH } from './projects.ts';
import { ACCESS_LEVELS, defineRoute, MEMBERSHIP_LEVELS } from './route.ts';
import { Nullable, Page, PageQuery, StringEnum } from './schemas.ts';

const ACCESS_PATH = `${PROJECT_PATH}access/` as const;

export const ProjectAccess = Type.Object(
  {
    user: BasicUser,
    organization_level: StringEnum(MEMBERSHIP_LEVELS),
    level: StringEnum(ACCESS_LEVELS, { description: 'What the user may do here.' }),
    explicit_level: Nullable(
      StringEnum(ACCESS_LEVELS, {
        description: 'What was set for this project; null follows the level in the organization.',
      }),
    ),
  },
  { title: 'ProjectAccess' },
);
export type ProjectAccess = Static<typeof ProjectAccess>;

const manage = { credentials: 'trusted', project: 'manager' } as const;

export const projectAccess = {
  list: defineRoute({
    id: 'project_access.list',
    method: 'GET',
    path: ACCESS_PATH,
    summary: 'List what the members of the organization may do in a project',
    ...manage,
    query: Type.Object(PageQuery),
    responses: { 200: Page(ProjectAccess) },
  }),
  update: defineRoute({
    id: 'project_access.update',
    method: 'PUT',
    path: `${ACCESS_PATH}:user_id/`,
    summary: 'Set what a member may do in a project',
    description:
      'Owners of the organization manage every project (409). Only admins change what admins may do.',
    ...manage,
    body: Type.Object({ level: StringEnum(ACCESS_LEVELS) }),
    responses: { 200: ProjectAccess },
  }),
  delete: defineRoute({
    id: 'project_access.delete',
    method: 'DELETE',
    path: `${ACCESS_PATH}:user_id/`,
    summary: "Let a member's level in the organization decide again",
    ...manage,
    responses: { 204: null },
  }),
};
