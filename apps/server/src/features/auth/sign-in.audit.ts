import { asUser, recordAccountAudit } from '#features/audit-log/audit-log.service.ts';
import type { Actor } from '#platform/actor.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { type Attempt, accountKey, WINDOW_MS } from './sign-in.limits.ts';
import * as repo from './sign-in.repo.ts';

/**
 * A wrong password, in the log of every organization of the account. For an address that nobody has there is no log,
 * but a row is written all the same: the time this takes must not tell which addresses there are.
 */
export async function recordRefusal(
  unitOfWork: UnitOfWork,
  actor: Actor,
  { account, origin }: Attempt,
  found: repo.PasswordRow | undefined,
): Promise<void> {
  await unitOfWork.run(actor, async (uow) => {
    await repo.countAttempt(uow.tx, `refused:${accountKey(account)}`, uow.now, WINDOW_MS);
    const target = asUser({ id: found?.user_id ?? 0, email: found?.email ?? account });
    await recordAccountAudit(uow, found?.user_id ?? 0, { act: 'sessions.refuse', target, origin });
  });
}
