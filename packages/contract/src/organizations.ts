import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute, MEMBERSHIP_LEVELS } from './route.ts';
import { Instant, NonBlank, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

export const ORGANIZATION_PATH = '/api/organizations/:organization_id/';
const MEMBER_PATH = `${ORGANIZATION_PATH}members/:user_id/` as const;

export const Organization = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    is_ai_data_processing_approved: Type.Boolean(),
    level: StringEnum(MEMBERSHIP_LEVELS, { description: 'Yours in it.' }),
    created_at: Instant,
  },
  { title: 'Organization' },
);
export type Organization = Static<typeof Organization>;

export const Member = Type.Object(
  { user: BasicUser, level: StringEnum(MEMBERSHIP_LEVELS), joined_at: Instant },
  { title: 'Member' },
);
export type Member = Static<typeof Member>;

const Name = NonBlank(200);

export const organizations = {
  list: defineRoute({
    id: 'organizations.list',
    method: 'GET',
    path: '/api/organizations/',
    summary: 'List the organizations you are in',
    credentials: 'trusted',
    query: Type.Object(PageQuery),
    responses: { 200: Page(Organization) },
  }),
  create: defineRoute({
    id: 'organizations.create',
    method: 'POST',
    path: '/api/organizations/',
    summary: 'Create an organization, as its owner',
    credentials: 'trusted',
    idempotent: true,
    body: Type.Object({ name: Name }),
    responses: { 201: Organization },
  }),
  retrieve: defineRoute({
    id: 'organizations.retrieve',
    method: 'GET',
    path: ORGANIZATION_PATH,
    summary: 'Get an organization',
    credentials: 'trusted',
    organization: 'member',
    responses: { 200: Organization },
  }),
  update: defineRoute({
    id: 'organizations.update',
    method: 'PATCH',
    path: ORGANIZATION_PATH,
    summary: 'Rename an organization, or approve data processing by AI',
    credentials: 'trusted',
    organization: 'admin',
    body: Type.Object({
      name: Type.Optional(Name),
      is_ai_data_processing_approved: Type.Optional(Type.Boolean()),
    }),
    responses: { 200: Organization },
  }),
  delete: defineRoute({
    id: 'organizations.delete',
    method: 'DELETE',
    path: ORGANIZATION_PATH,
    summary: 'Delete an organization that has no projects (else 409)',
    credentials: 'trusted',
    organization: 'owner',
    responses: { 204: null },
  }),
};

export const members = {
  list: defineRoute({
    id: 'members.list',
    method: 'GET',
    path: `${ORGANIZATION_PATH}members/`,
    summary: 'List the members of an organization',
    credentials: 'trusted',
    organization: 'member',
    query: Type.Object(PageQuery),
    responses: { 200: Page(Member) },
  }),
  update: defineRoute({
    id: 'members.update',
    method: 'PATCH',
    path: MEMBER_PATH,
    summary: "Change a member's level",
    description: 'Only owners make or unmake owners. The last owner stays one (409).',
    credentials: 'trusted',
    organization: 'admin',
    body: Type.Object({ level: StringEnum(MEMBERSHIP_LEVELS) }),
    responses: { 200: Member },
  }),
  delete: defineRoute({
    id: 'members.delete',
    method: 'DELETE',
    path: MEMBER_PATH,
    summary: 'Remove a member, or leave an organization',
    description: 'Admins remove others; everyone may leave. The last owner cannot (409).',
    credentials: 'trusted',
    organization: 'member',
    responses: { 204: null },
  }),
};
