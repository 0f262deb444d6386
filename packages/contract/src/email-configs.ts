import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Page, PageQuery, Uuid } from './schemas.ts';

export const EMAIL_CONFIGS_PATH = '/api/projects/:project_id/conversations/email_configs/';
const EMAIL_CONFIG_PATH = `${EMAIL_CONFIGS_PATH}:id/` as const;

/** An address the team writes from. */
export const EmailConfig = Type.Object(
  {
    id: Uuid,
    email: Type.String(),
    display_name: Type.String(),
    is_verified: Type.Boolean({ description: 'Only verified addresses send.' }),
    created_at: Instant,
  },
  { title: 'EmailConfig' },
);
export type EmailConfig = Static<typeof EmailConfig>;

const DisplayName = Type.String({ maxLength: 200 });

export const EmailConfigCreate = Type.Object(
  { email: Type.String({ format: 'email', maxLength: 254 }), display_name: Type.Optional(DisplayName) },
  { title: 'EmailConfigCreate' },
);
export type EmailConfigCreate = Static<typeof EmailConfigCreate>;

export const EmailConfigUpdate = Type.Object(
  { display_name: Type.Optional(DisplayName), is_verified: Type.Optional(Type.Boolean()) },
  { title: 'EmailConfigUpdate' },
);
export type EmailConfigUpdate = Static<typeof EmailConfigUpdate>;

const write = { credentials: ['ticket:write'], project: 'editor' } as const;

export const emailConfigs = {
  list: defineRoute({
    id: 'email_configs.list',
    method: 'GET',
    path: EMAIL_CONFIGS_PATH,
    summary: 'List the addresses the team writes from',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object(PageQuery),
    responses: { 200: Page(EmailConfig) },
  }),
  create: defineRoute({
    id: 'email_configs.create',
    method: 'POST',
    path: EMAIL_CONFIGS_PATH,
    summary: 'Add an address; it sends once a manager has marked it as verified',
    ...write,
    body: EmailConfigCreate,
    idempotent: true,
    responses: { 201: EmailConfig },
  }),
  update: defineRoute({
    id: 'email_configs.update',
    method: 'PATCH',
    path: EMAIL_CONFIG_PATH,
    summary: 'Change the name of an address, or whether it is verified',
    description: 'Only managers may send is_verified.',
    ...write,
    body: EmailConfigUpdate,
    responses: { 200: EmailConfig },
  }),
  delete: defineRoute({
    id: 'email_configs.delete',
    method: 'DELETE',
    path: EMAIL_CONFIG_PATH,
    summary: 'Remove an address; its tickets stay, without one to answer from',
    ...write,
    responses: { 204: null },
  }),
};
