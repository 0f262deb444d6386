import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Actor } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import * as repo from './sign-in.repo.ts';

const WINDOW_MS = 15 * 60_000;
const ATTEMPTS_PER_ACCOUNT = 10;
const ATTEMPTS_PER_ADDRESS = 100;

export interface Attempt {
  account: string;
  address: string;
}

/** Says nothing about whether the account exists, and is short whatever was typed. */
function accountKey(email: string): string {
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
    const waits = await spend(uow, addressKey(attempt.address), ATTEMPTS_PER_ADDRESS);
    return waits ?? (await spend(uow, accountKey(attempt.account), ATTEMPTS_PER_ACCOUNT));
  });
  if (waitMs === undefined) return;
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  throw new ApiError('throttled', `Too many attempts. Expected available in ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}

/** How long to wait, when the limit is used up. */
async function spend(uow: Uow, key: string, limit: number): Promise<number | undefined> {
  const { attempts, window_started_at } = await repo.countAttempt(uow.tx, key, uow.now, WINDOW_MS);
  if (attempts <= limit) return undefined;
  return window_started_at.getTime() + WINDOW_MS - uow.now.getTime();
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
