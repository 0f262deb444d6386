import Type, { type Static } from 'typebox';
import { defineRoute, SECRET_SCOPES } from './route.ts';
import { Instant, NonBlank, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

const PROJECT_SECRETS_PATH = '/api/projects/:project_id/secrets/';

export const ProjectSecret = Type.Object(
  {
    id: Uuid,
    kind: StringEnum(['primary', 'backup', 'key'], {
      description:
        'The primary and the backup secret may read and change tickets; a key only what its scopes say.',
    }),
    label: Type.String(),
    scopes: Nullable(Type.Array(Type.String())),
    mask: Type.String({ description: 'Its first and last characters, to tell secrets apart.' }),
    created_at: Instant,
  },
  { title: 'ProjectSecret' },
);
export type ProjectSecret = Static<typeof ProjectSecret>;

const NewProjectSecret = Type.Object(
  {
    ...ProjectSecret.properties,
    secret: Type.String({ description: 'The secret itself, shown this once.' }),
  },
  { title: 'NewProjectSecret' },
);

const manager = { credentials: 'trusted', project: 'manager' } as const;

export const projectSecrets = {
  list: defineRoute({
    id: 'project_secrets.list',
    method: 'GET',
    path: PROJECT_SECRETS_PATH,
    summary: 'List the secrets with which other systems reach tickets',
    ...manager,
    query: Type.Object(PageQuery),
    responses: { 200: Page(ProjectSecret) },
  }),
  create: defineRoute({
    id: 'project_secrets.create',
    method: 'POST',
    path: PROJECT_SECRETS_PATH,
    summary: 'Create a secret key that may only read tickets',
    description: 'The secret is in this answer and never shown again.',
    ...manager,
    idempotent: 'sealed',
    body: Type.Object({
      label: NonBlank(100),
      scopes: Type.Array(StringEnum(SECRET_SCOPES), { minItems: 1, maxItems: 10 }),
    }),
    responses: { 201: NewProjectSecret },
  }),
  rotate: defineRoute({
    id: 'project_secrets.rotate',
    method: 'POST',
    path: `${PROJECT_SECRETS_PATH}rotate/`,
    summary: 'Make a new primary secret',
    description:
      'The primary secret that was there becomes the backup secret, which works as well until it is deleted; the backup secret that was there stops working. The new secret is in this answer and never shown again.',
    ...manager,
    idempotent: 'sealed',
    responses: { 201: NewProjectSecret },
  }),
  delete: defineRoute({
    id: 'project_secrets.delete',
    method: 'DELETE',
    path: `${PROJECT_SECRETS_PATH}:secret_id/`,
    summary: 'Revoke a secret, at once',
    ...manager,
    responses: { 204: null },
  }),
};
