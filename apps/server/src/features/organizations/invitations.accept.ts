import { type CurrentUser, PASSWORD_LENGTH } from '@parley/contract/people';
import type { FastifyRequest } from 'fastify';
import { checkPassword } from '#features/auth/password.service.ts';
import { type SignInParts, signIn } from '#features/auth/sign-in.service.ts';
import { showUser } from '#features/auth/users.current.service.ts';
import { createUser, findUserId, preparePassword } from '#features/auth/users.service.ts';
import type { Actor } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
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
  const email = await join(parts.unitOfWork, input, request.ip);
  const { userId, cookies } = await signIn(parts, { email, password: input.password }, request);
  const user = await parts.unitOfWork.read(ANONYMOUS, (context) => showUser(context, userId));
  return { user, cookies };
}

/** Gives the address that was invited. */
async function join(unitOfWork: UnitOfWork, input: AcceptInput, address: string): Promise<string> {
  const tokenHash = hashToken(input.token);
  const { invitation, userId } = await unitOfWork.read(ANONYMOUS, async (context) => {
    const found = await repo.findByToken(context.tx, tokenHash, context.now);
    return { invitation: found, userId: found && (await findUserId(context, found.email)) };
  });
  if (!invitation) throw noInvitation();
  const { email } = invitation;
  if (userId !== undefined) {
    const attempt = { email, password: input.password, address };
    if ((await checkPassword(unitOfWork, ANONYMOUS, attempt)) === undefined) {
      throw invalid('password', 'This is not the password of the account with the invited address.');
    }
    await unitOfWork.run(ANONYMOUS, (uow) => useInvitation(uow, tokenHash, async () => userId));
    return email;
  }
  checkLength(input.password);
  const passwordHash = await preparePassword(input.password);
  const { first_name: firstName = '', last_name: lastName = '' } = input;
  await unitOfWork.run(ANONYMOUS, (uow) =>
    useInvitation(uow, tokenHash, async () => {
      const user = await createUser(uow, { email, firstName, lastName, passwordHash });
      // Somebody took the address since it was looked up: then its password has to be given.
      if (!user)
        throw new ApiError('conflict', 'The account was made just now. Try again with its password.');
      return user.id;
    }),
  );
  return email;
}

async function useInvitation(uow: Uow, tokenHash: Buffer, getUserId: () => Promise<number>): Promise<void> {
  const taken = await repo.take(uow.tx, tokenHash, uow.now);
  if (!taken) throw noInvitation();
  await holdOrganization(uow, taken.organization_id);
  const { organization_id, level } = taken;
  await addMember(uow, { organization_id, user_id: await getUserId(), level });
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
