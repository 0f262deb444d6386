import { type CurrentUser, PASSWORD_LENGTH } from '@parley/contract/people';
import type { FastifyRequest } from 'fastify';
import { asUser, recordAudit } from '#features/audit-log/audit-log.service.ts';
import { checkPassword } from '#features/auth/password.service.ts';
import { type CheckedAccount, type SignInParts, startSession } from '#features/auth/sign-in.service.ts';
import { showUser } from '#features/auth/users.current.service.ts';
import { createUser, findUserId, preparePassword } from '#features/auth/users.service.ts';
import type { Actor, Origin } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { requestOrigin } from '#platform/http/admit.ts';
import { hashToken } from '#platform/ids.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import * as repo from './invitations.repo.ts';
import { addMember } from './members.service.ts';
import { holdOrganization } from './organizations.service.ts';

export interface AcceptInput {
  token: string;
  password: string;
  first_name?: string;
  last_name?: string;
}

export type Sessions = SignInParts['sessions'];

const ANONYMOUS: Actor = { kind: 'anonymous' };

/** Makes the invited person a member, and a user if need be, and signs them in. */
export async function acceptInvitation(
  parts: SignInParts,
  input: AcceptInput,
  request: FastifyRequest,
): Promise<{ user: CurrentUser; cookies: string[] }> {
  const { unitOfWork } = parts;
  const tokenHash = hashToken(input.token);
  const { invitation, userId } = await unitOfWork.read(ANONYMOUS, async (context) => {
    const found = await repo.findByToken(context.tx, tokenHash, context.now);
    return { invitation: found, userId: found && (await findUserId(context, found.email)) };
  });
  if (!invitation) throw noInvitation();
  const invited = {
    tokenHash,
    organizationId: invitation.organization_id,
    email: invitation.email,
    origin: requestOrigin(request),
  };
  const account =
    userId === undefined
      ? await joinAsNewUser(unitOfWork, invited, input)
      : await joinAsUser(unitOfWork, invited, input.password);
  const { cookies } = await startSession(parts, account, request);
  const user = await unitOfWork.read(ANONYMOUS, (context) => showUser(context, account.user_id));
  return { user, cookies };
}

interface Invited {
  tokenHash: Buffer;
  organizationId: string;
  email: string;
  origin: Origin;
}

async function joinAsUser(
  unitOfWork: UnitOfWork,
  invited: Invited,
  password: string,
): Promise<CheckedAccount> {
  const attempt = { email: invited.email, password, origin: invited.origin };
  const account = await checkPassword(unitOfWork, ANONYMOUS, attempt);
  if (!account)
    throw invalid('password', 'This is not the password of the account with the invited address.');
  await unitOfWork.run(ANONYMOUS, (uow) => useInvitation(uow, invited, async () => account.user_id));
  return account;
}

async function joinAsNewUser(
  unitOfWork: UnitOfWork,
  invited: Invited,
  { password, first_name: firstName = '', last_name: lastName = '' }: AcceptInput,
): Promise<CheckedAccount> {
  checkLength(password);
  const passwordHash = await preparePassword(password);
  const { email } = invited;
  return unitOfWork.run(ANONYMOUS, async (uow) => {
    const userId = await useInvitation(uow, invited, async () => {
      const user = await createUser(uow, { email, firstName, lastName, passwordHash });
      // Somebody took the address since it was looked up: then its password has to be given.
      if (!user)
        throw new ApiError('conflict', 'The account was made just now. Try again with its password.');
      return user.id;
    });
    return { user_id: userId, email, password: passwordHash };
  });
}

/** Uses the invitation up, which only one of racing requests can, and makes the user a member. */
async function useInvitation(
  uow: Uow,
  { tokenHash, organizationId, email, origin }: Invited,
  getUserId: () => Promise<number>,
): Promise<number> {
  await holdOrganization(uow, organizationId);
  const taken = await repo.take(uow.tx, tokenHash, uow.now);
  if (!taken) throw noInvitation();
  const userId = await getUserId();
  await addMember(uow, { organization_id: organizationId, user_id: userId, level: taken.level });
  const user = { id: userId, email };
  const joined = { target: asUser(user), by: user, origin, detail: { level: taken.level } };
  await recordAudit(uow, { organizationId }, { act: 'invitations.accept', ...joined });
  return userId;
}

function checkLength(password: string): void {
  const { min, max } = PASSWORD_LENGTH;
  if (password.length < min)
    throw invalid('password', `Ensure this field has at least ${min} characters.`, 'min_length');
  if (password.length > max)
    throw invalid('password', `Ensure this field has no more than ${max} characters.`, 'max_length');
}

function noInvitation(): ApiError {
  return invalid('token', 'This invitation is not valid, or not any more.', 'does_not_exist');
}
