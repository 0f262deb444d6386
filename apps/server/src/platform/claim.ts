import { sql } from 'kysely';
import type { Uow } from './unit-of-work.ts';

/**
 * Takes a named claim until the transaction ends, or returns false when another transaction holds it. The name is
 * hashed to 64 bits; two names that meet make one caller come back later, never a wrong result.
 */
export async function tryClaim(uow: Uow, name: string): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as taken`.execute(uow.tx);
  return rows[0]?.taken ?? false;
}

/** Waits for a named claim and holds it until the transaction ends. Take it before any row lock. */
export async function holdClaim(uow: Uow, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(uow.tx);
}
