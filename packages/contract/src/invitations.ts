import Type, { type Static } from 'typebox';
import { ORGANIZATION_PATH } from './organizations.ts';
import { CurrentUser, EmailAddress, PasswordInput, PersonName } from './people.ts';
import { defineRoute, MEMBERSHIP_LEVELS } from './route.ts';
import { Instant, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';

const INVITATIONS_PATH = `${ORGANIZATION_PATH}invitations/` as const;

export const Invitation = Type.Object(
  {
    id: Uuid,
    email: Type.String(),
    level: StringEnum(MEMBERSHIP_LEVELS),
    created_at: Instant,
    expires_at: Instant,
  },
  { title: 'Invitation' },
);
export type Invitation = Static<typeof Invitation>;

const NewInvitation = Type.Object(
  {
    ...Invitation.properties,
    token: Type.String({ description: 'What accepting asks for, shown this once.' }),
    link: Type.String({ description: 'The address to send to the invited person, shown this once.' }),
  },
  { title: 'NewInvitation' },
);

const manage = { credentials: 'trusted', organization: 'admin' } as const;

export const invitations = {
  list: defineRoute({
    id: 'invitations.list',
    method: 'GET',
    path: INVITATIONS_PATH,
    summary: 'List the invitations that can still be accepted',
    ...manage,
    query: Type.Object(PageQuery),
    responses: { 200: Page(Invitation) },
  }),
  create: defineRoute({
    id: 'invitations.create',
    method: 'POST',
    path: INVITATIONS_PATH,
    summary: 'Invite somebody by a link that works once, for seven days',
    description:
      'A new invitation replaces an earlier one to the same address. The link is shown once. Only owners invite owners.',
    ...manage,
    idempotent: 'sealed',
    body: Type.Object({
      email: EmailAddress,
      level: Type.Optional(StringEnum(MEMBERSHIP_LEVELS, { default: 'member' })),
    }),
    responses: { 201: NewInvitation },
  }),
  delete: defineRoute({
    id: 'invitations.delete',
    method: 'DELETE',
    path: `${INVITATIONS_PATH}:invitation_id/`,
    summary: 'Withdraw an invitation',
    ...manage,
    responses: { 204: null },
  }),
  accept: defineRoute({
    id: 'invitations.accept',
    method: 'POST',
    path: '/api/invitations/accept/',
    summary: 'Join an organization and sign in',
    description:
      'Who has an account under the invited address gives its password; others choose a new one of 8 to 128 characters.',
    credentials: 'public',
    rateLimit: 'login',
    body: Type.Object({
      token: Type.String({ minLength: 1, maxLength: 200 }),
      first_name: Type.Optional(PersonName),
      last_name: Type.Optional(PersonName),
      password: PasswordInput,
    }),
    responses: { 200: CurrentUser },
  }),
};
