import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { asUser, recordAccountAudit } from '#features/audit-log/audit-log.service.ts';
import type { Actor, Origin } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import * as repo from './sign-in.repo.ts';

export const WINDOW_MS = 15 * 60_000;
const ATTEMPTS_PER_ACCOUNT = 10;
const ATTEMPTS_PER_ADDRESS = 100;

export interface Attempt {
  account: string;
  address: string;
  origin: Origin;
}

/** Says nothing about whether the account exists, and is short whatever was typed. */
export function accountKey(email: string): string {
  return `account:${createHash('sha256').update(email.toLowerCase()).digest('base64url')}`;
}

/** One household or server has a whole /64 of IPv6 addresses to call from. */
function addressKey(ip: string): string {
  if (!ipaddr.isValid(ip)) return `address:${ip}`;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return `address:${address.toString()}`;
  return `address:${address.toNormalizedString().split(':').slice(0, 4).join(':')}`;
}

/**
 * Counts a try at somebody's password, committed before the password is looked at: however many requests race, no
 * more than the limit get to the comparison. Throws 429.
 */
export async function countTry(unitOfWork: UnitOfWork, actor: Actor, attempt: Attempt): Promise<void> {
  const waitMs = await unitOfWork.run(actor, async (uow) => {
    // The address first: one that is over its limit must not lock other people's accounts any further.
    const ofAddress = await spend(uow, addressKey(attempt.address), ATTEMPTS_PER_ADDRESS);
    if (ofAddress.waitMs !== undefined) return ofAddress.waitMs;
    const ofAccount = await spend(uow, accountKey(attempt.account), ATTEMPTS_PER_ACCOUNT);
    // Told once per window, however long somebody goes on trying.
    if (ofAccount.attempts === ATTEMPTS_PER_ACCOUNT + 1) await recordLock(uow, attempt);
    return ofAccount.waitMs;
  });
  if (waitMs === undefined) return;
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  throw new ApiError('throttled', `Too many attempts. Expected available in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

async function recordLock(uow: Uow, { account, origin }: Attempt): Promise<void> {
  const found = await repo.findPassword(uow.tx, account);
  if (!found) return;
  const target = asUser({ id: found.user_id, email: found.email });
  await recordAccountAudit(uow, found.user_id, { act: 'sessions.lock', target, origin });
}

/** Counts a try; with how long to wait, when the limit is used up. */
async function spend(uow: Uow, key: string, limit: number): Promise<{ attempts: number; waitMs?: number }> {
  const { attempts, window_started_at } = await repo.countAttempt(uow.tx, key, uow.now, WINDOW_MS);
  if (attempts <= limit) return { attempts };
  return { attempts, waitMs: window_started_at.getTime() + WINDOW_MS - uow.now.getTime() };
}

/** After the right password: the account starts afresh, and the address did nothing wrong. */
export async function forgetTries(uow: Uow, attempt: Attempt): Promise<void> {
  await repo.refundAttempt(uow.tx, addressKey(attempt.address));
  await repo.forgetAttempts(uow.tx, accountKey(attempt.account));
}

/** Counters whose window is over count for nothing. */
export async function cleanTries(uow: Uow): Promise<void> {
  await repo.deleteAttemptsBefore(uow.tx, new Date(uow.now.getTime() - WINDOW_MS));
}
