import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';
import { findOwners, lockOwners } from './persons.repo.ts';

type Tx = Transaction<Schema>;

/**
 * Tries until something comes of it, at most so many times: an attempt gives undefined when somebody else took or merged
 * one of the ids meanwhile. What a failed one did is undone, with its locks and new ids: whoever waits for them goes on
 * first. Undefined when none succeeded.
 */
export async function attempt<T>(
  tx: Tx,
  times: number,
  once: () => Promise<T | undefined>,
): Promise<T | undefined> {
  await sql`savepoint person_attempt`.execute(tx);
  for (let tries = 1; tries <= times; tries += 1) {
    const result = await once();
    if (result !== undefined) return result;
    await undoAttempt(tx);
  }
  return undefined;
}

export async function undoAttempt(tx: Tx): Promise<void> {
  await sql`rollback to savepoint person_attempt`.execute(tx);
}

export interface Owners {
  /** Oldest first, all of them locked. */
  people: string[];
  /** Person by distinct id. */
  owners: Map<string, string>;
}

/** Undefined when one of the ids came to somebody else while the persons were waited for. */
export async function holdOwners(
  tx: Tx,
  projectId: number,
  distinctIds: readonly string[],
): Promise<Owners | undefined> {
  const people = await lockOwners(tx, projectId, distinctIds);
  const owners = await findOwners(tx, projectId, distinctIds);
  return [...owners.values()].every((owner) => people.includes(owner)) ? { people, owners } : undefined;
}
