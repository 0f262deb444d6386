import { type Actor, requireUser } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { hashPassword, verifyPassword } from './password.ts';
import * as sessionsRepo from './sessions.repo.ts';
import { currentSessionId } from './sessions.service.ts';
import { countTry, forgetTries } from './sign-in.limits.ts';
import * as repo from './sign-in.repo.ts';

export interface PasswordAttempt {
  email: string;
  password: string;
  address: string;
}

/**
 * The account that this password belongs to, under the limits of signing in; undefined when it is wrong. Takes as long
 * when nobody has the address.
 */
export async function checkPassword(
  unitOfWork: UnitOfWork,
  actor: Actor,
  { email, password, address }: PasswordAttempt,
): Promise<repo.PasswordRow | undefined> {
  const attempt = { account: email, address };
  await countTry(unitOfWork, actor, attempt);
  const found = await unitOfWork.read(actor, ({ tx }) => repo.findPassword(tx, email));
  if (!found) {
    await hashPassword(password);
    return undefined;
  }
  if (!(await verifyPassword(found.password, password))) return undefined;
  await unitOfWork.run(actor, (uow) => forgetTries(uow, attempt));
  return found;
}

export interface PasswordChange {
  current: string;
  next: string;
  /** Of the caller, for the limits. */
  address: string;
}

/** Sets a new password and ends every other session, which somebody else may be sitting in. */
export async function changePassword(
  unitOfWork: UnitOfWork,
  actor: Actor,
  { current, next, address }: PasswordChange,
): Promise<void> {
  const user = requireUser(actor);
  const account = await checkPassword(unitOfWork, actor, { email: user.email, password: current, address });
  if (!account) throw invalid('current_password', 'Your current password was entered incorrectly.');
  const newHash = await hashPassword(next);
  await unitOfWork.run(actor, async ({ tx, now }) => {
    if (!(await repo.replacePassword(tx, user.id, account.password, newHash, now))) {
      throw new ApiError('conflict', 'The password was changed by another request.');
    }
    await sessionsRepo.deleteAll(tx, user.id, currentSessionId(actor));
  });
}
