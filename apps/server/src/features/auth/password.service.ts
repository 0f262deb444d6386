import { asUser, recordAccountAudit } from '#features/audit-log/audit-log.service.ts';
import { type Actor, type Origin, requireUser } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { hashPassword, verifyPassword } from './password.ts';
import * as sessionsRepo from './sessions.repo.ts';
import { currentSessionId } from './sessions.service.ts';
import { recordRefusal } from './sign-in.audit.ts';
import { countTry, forgetTries } from './sign-in.limits.ts';
import * as repo from './sign-in.repo.ts';

export interface PasswordAttempt {
  email: string;
  password: string;
  origin: Origin;
}

/**
 * The account that this password belongs to, under the limits of signing in; undefined when it is wrong. Takes as long
 * when nobody has the address.
 */
export async function checkPassword(
  unitOfWork: UnitOfWork,
  actor: Actor,
  { email, password, origin }: PasswordAttempt,
): Promise<repo.PasswordRow | undefined> {
  const attempt = { account: email, address: origin.ip, origin };
  await countTry(unitOfWork, actor, attempt);
  const found = await unitOfWork.read(actor, ({ tx }) => repo.findPassword(tx, email));
  if (!found) {
    await hashPassword(password);
    await recordRefusal(unitOfWork, actor, attempt, undefined);
    return undefined;
  }
  if (!(await verifyPassword(found.password, password))) {
    await recordRefusal(unitOfWork, actor, attempt, found);
    return undefined;
  }
  await unitOfWork.run(actor, (uow) => forgetTries(uow, attempt));
  return found;
}

export interface PasswordChange {
  current: string;
  next: string;
  /** Of the caller, for the limits and the log. */
  origin: Origin;
}

/** Sets a new password and ends every other session, which somebody else may be sitting in. */
export async function changePassword(
  unitOfWork: UnitOfWork,
  actor: Actor,
  { current, next, origin }: PasswordChange,
): Promise<void> {
  const user = requireUser(actor);
  const account = await checkPassword(unitOfWork, actor, { email: user.email, password: current, origin });
  if (!account) throw invalid('current_password', 'Your current password was entered incorrectly.');
  const newHash = await hashPassword(next);
  await unitOfWork.run(actor, async (uow) => {
    const { tx, now } = uow;
    if (!(await repo.replacePassword(tx, user.id, account.password, newHash, now))) {
      throw new ApiError('conflict', 'The password was changed by another request.');
    }
    await sessionsRepo.deleteAll(tx, user.id, currentSessionId(actor));
    await recordAccountAudit(uow, user.id, { act: 'users.change_password', target: asUser(user) });
  });
}
