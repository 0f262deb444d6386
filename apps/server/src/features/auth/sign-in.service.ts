import type { FastifyRequest } from 'fastify';
import { asUser, recordAccountAudit } from '#features/audit-log/audit-log.service.ts';
import type { Actor } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { requestOrigin } from '#platform/http/admit.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { checkPassword } from './password.service.ts';
import * as sessionsRepo from './sessions.repo.ts';
import type { Sessions } from './sessions.types.ts';
import * as repo from './sign-in.repo.ts';

export interface SignInParts {
  unitOfWork: UnitOfWork;
  sessions: Sessions;
}

export interface SignedIn {
  userId: number;
  /** Values of Set-Cookie. */
  cookies: string[];
}

/** An account, with the hash that its password was compared with. */
export type CheckedAccount = repo.PasswordRow;

const ANONYMOUS: Actor = { kind: 'anonymous' };

/** Signs in with a password. The answer is the same for an address nobody has. */
export async function signIn(
  parts: SignInParts,
  { email, password }: { email: string; password: string },
  request: FastifyRequest,
): Promise<SignedIn> {
  const attempt = { email, password, origin: requestOrigin(request) };
  const account = await checkPassword(parts.unitOfWork, ANONYMOUS, attempt);
  if (!account) throw wrongPassword();
  return startSession(parts, account, request);
}

/** A session for an account whose password was just checked. */
export async function startSession(
  { unitOfWork, sessions }: SignInParts,
  account: CheckedAccount,
  request: FastifyRequest,
): Promise<SignedIn> {
  const { user_id: userId, email, password } = account;
  const { token, cookies } = await sessions.start(userId, request);
  const stands = await unitOfWork.run(ANONYMOUS, async (uow) => {
    const { tx } = uow;
    // A change of the password ends all sessions, but it can't see one that is made while it commits.
    if ((await repo.lockPassword(tx, userId)) === password) {
      const user = { id: userId, email };
      const origin = requestOrigin(request);
      await recordAccountAudit(uow, userId, {
        act: 'sessions.create',
        target: asUser(user),
        by: user,
        origin,
      });
      return true;
    }
    await sessionsRepo.deleteByToken(tx, token);
    return false;
  });
  if (!stands) throw wrongPassword();
  return { userId, cookies };
}

function wrongPassword(): ApiError {
  return new ApiError('authentication_failed', 'Invalid email or password.');
}
