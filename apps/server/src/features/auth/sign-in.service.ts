import type { FastifyRequest } from 'fastify';
import type { Actor } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import * as sessionsRepo from './sessions.repo.ts';
import type { Sessions, SignedIn } from './sessions.types.ts';
import { countTry, forgetTries } from './sign-in.limits.ts';
import * as repo from './sign-in.repo.ts';

export interface SignInParts {
  unitOfWork: UnitOfWork;
  sessions: Sessions;
}

const ANONYMOUS: Actor = { kind: 'anonymous' };

/** Signs in with a password. The answer is the same, and takes as long, for an address nobody has. */
export async function signIn(
  { unitOfWork, sessions }: SignInParts,
  credentials: { email: string; password: string },
  request: FastifyRequest,
): Promise<SignedIn> {
  const { email, password } = credentials;
  const attempt = { account: email, address: request.ip };
  await countTry(unitOfWork, ANONYMOUS, attempt);
  const before = await unitOfWork.read(ANONYMOUS, ({ tx }) => repo.findPassword(tx, email));
  const signedIn = await sessions.signIn(email, password, request);
  if (!signedIn) throw wrongPassword();
  const stands = await unitOfWork.run(ANONYMOUS, async (uow) => {
    // A change of the password ends all sessions, but it can't see one that is made while it commits.
    if ((await repo.lockPassword(uow.tx, signedIn.userId)) === before) {
      await forgetTries(uow, attempt);
      return true;
    }
    await sessionsRepo.deleteByToken(uow.tx, signedIn.token);
    return false;
  });
  if (!stands) throw wrongPassword();
  return signedIn;
}

function wrongPassword(): ApiError {
  return new ApiError('authentication_failed', 'Invalid email or password.');
}
