import Type, { type Static } from 'typebox';
import { ACTOR_TYPES, LogQuery } from './activities.ts';
import { defineRoute } from './route.ts';
import { Instant, JsonObject, Nullable, StringEnum, Uuid } from './schemas.ts';

/**
 * Administrative acts that are kept. Those of an operation have its id; the others are `sessions.refuse` (a wrong
 * password), `sessions.lock` (too many of them) and `tickets.purge`.
 */
export const AUDIT_ACTS = [
  'sessions.create',
  'sessions.refuse',
  'sessions.lock',
  'users.change_password',
  'api_keys.create',
  'api_keys.update',
  'api_keys.delete',
  'invitations.create',
  'invitations.delete',
  'invitations.accept',
  'members.update',
  'members.delete',
  'roles.create',
  'roles.update',
  'roles.delete',
  'roles.add_member',
  'roles.remove_member',
  'organizations.update',
  'projects.create',
  'projects.update',
  'projects.delete',
  'projects.generate_conversations_public_token',
  'project_access.update',
  'project_access.delete',
  'project_secrets.rotate',
  'project_secrets.create',
  'project_secrets.delete',
  'identity_secrets.rotate',
  'identity_secrets.delete',
  'webhooks.create',
  'webhooks.update',
  'webhooks.enable',
  'webhooks.rotate_secret',
  'webhooks.delete',
  'email_configs.create',
  'email_configs.update',
  'email_configs.delete',
  'ticket_exports.download',
  'ticket_imports.create',
  'tickets.delete',
  'tickets.restore',
  'tickets.purge',
  'tags.rename',
  'tags.merge',
  'tags.delete',
] as const;
export type AuditAct = (typeof AUDIT_ACTS)[number];

export const AuditEntry = Type.Object(
  {
    id: Uuid,
    act: StringEnum(AUDIT_ACTS),
    project_id: Nullable(Type.Integer()),
    actor: Type.Object({
      actor_type: StringEnum(ACTOR_TYPES),
      actor_id: Nullable(Type.String()),
      actor_email: Nullable(Type.String()),
      key_id: Type.Optional(Type.String({ description: 'The API key it was done with.' })),
    }),
    target: Nullable(
      Type.Object({
        type: Type.String(),
        id: Nullable(Type.String()),
        name: Nullable(Type.String()),
      }),
    ),
    detail: Type.Unsafe<Record<string, unknown>>({
      ...JsonObject,
      description: 'Names of what was changed, never a secret.',
    }),
    ip: Nullable(Type.String()),
    user_agent: Nullable(Type.String()),
    created_at: Instant,
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

const text = (description: string) => Type.Optional(Type.String({ description }));

export const auditLog = {
  list: defineRoute({
    id: 'audit_log.list',
    method: 'GET',
    path: '/api/organizations/:organization_id/audit_log/',
    summary: 'List administrative acts in an organization, newest first',
    description: 'Kept for 400 days; no entry can be changed. `next` is null on the last page.',
    credentials: 'trusted',
    organization: 'admin',
    query: Type.Object({
      act: text('One act, such as `api_keys.create`, or all of a group: `api_keys`.'),
      actor: text('What a user did: an id, or `me`.'),
      project: text('The id of a project.'),
      ...LogQuery,
    }),
    responses: { 200: Type.Object({ next: Nullable(Type.String()), results: Type.Array(AuditEntry) }) },
  }),
};
