import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

const IDENTITY_SECRETS_PATH = '/api/projects/:project_id/identity_secrets/';

export const IdentitySecret = Type.Object(
  {
    id: Uuid,
    kind: StringEnum(['current', 'previous'], { description: 'Ids signed with either are good.' }),
    mask: Type.String({ description: 'Its last characters, to tell secrets apart.' }),
    created_at: Instant,
  },
  { title: 'IdentitySecret' },
);
export type IdentitySecret = Static<typeof IdentitySecret>;

const NewIdentitySecret = Type.Object(
  {
    ...IdentitySecret.properties,
    secret: Type.String({ description: 'The secret itself, shown this once.' }),
  },
  { title: 'NewIdentitySecret' },
);

const manager = { credentials: 'trusted', project: 'manager' } as const;

export const identitySecrets = {
  list: defineRoute({
    id: 'identity_secrets.list',
    method: 'GET',
    path: IDENTITY_SECRETS_PATH,
    summary: 'List the secrets with which a site signs the ids of its customers',
    ...manager,
    query: Type.Object(PageQuery),
    responses: { 200: Page(IdentitySecret) },
  }),
  rotate: defineRoute({
    id: 'identity_secrets.rotate',
    method: 'POST',
    path: `${IDENTITY_SECRETS_PATH}rotate/`,
    summary: 'Make a new secret to sign the ids of customers with',
    description:
      'What was signed with the secret that was there stays good until that one is deleted; the one before it stops working. The new secret is in this answer and never shown again.',
    ...manager,
    idempotent: 'sealed',
    responses: { 201: NewIdentitySecret },
  }),
  delete: defineRoute({
    id: 'identity_secrets.delete',
    method: 'DELETE',
    path: `${IDENTITY_SECRETS_PATH}:identity_secret_id/`,
    summary: 'Revoke a secret, at once',
    description: 'What was signed with it is refused from now on.',
    ...manager,
    responses: { 204: null },
  }),
};
