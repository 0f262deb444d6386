import type { Schema } from '@parley/db/schema';
import { type Kysely, sql, type Transaction } from 'kysely';

export interface Attempts {
  attempts: number;
  window_started_at: Date;
}

/** Counts one attempt and says how many there are in the window now. One statement: racing callers each get their own number. */
export async function countAttempt(
  tx: Transaction<Schema>,
  key: string,
  now: Date,
  windowMs: number,
): Promise<Attempts> {
  const over = sql`login_attempts.window_started_at <= ${new Date(now.getTime() - windowMs)}`;
  const { rows } = await sql<Attempts>`
    insert into login_attempts (key, attempts, window_started_at) values (${key}, 1, ${now})
    on conflict (key) do update set
      attempts = case when ${over} then 1 else least(login_attempts.attempts + 1, 1000000) end,
      window_started_at = case when ${over} then excluded.window_started_at
        else login_attempts.window_started_at end
    returning attempts, window_started_at`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error('A counted attempt that returns nothing.');
  return row;
}

export async function forgetAttempts(tx: Transaction<Schema>, key: string): Promise<void> {
  await tx.deleteFrom('login_attempts').where('key', '=', key).execute();
}

/** Takes back one attempt, which turned out to be none. */
export async function refundAttempt(tx: Transaction<Schema>, key: string): Promise<void> {
  await sql`update login_attempts set attempts = greatest(attempts - 1, 0) where key = ${key}`.execute(tx);
}

export async function deleteAttemptsBefore(tx: Transaction<Schema>, before: Date): Promise<void> {
  await tx.deleteFrom('login_attempts').where('window_started_at', '<=', before).execute();
}

export interface PasswordRow {
  user_id: number;
  email: string;
  password: string;
}

export async function findPassword(tx: Kysely<Schema>, email: string): Promise<PasswordRow | undefined> {
  const { rows } = await sql<PasswordRow>`
    select a.user_id, u.email, a.password from users u
    join accounts a on a.user_id = u.id and a.provider_id = 'credential'
    where u.email = ${email.toLowerCase()} and a.password is not null`.execute(tx);
  return rows[0];
}

/** Waits for a change of the password that is under way, and keeps it from changing until this transaction ends. */
export async function lockPassword(tx: Transaction<Schema>, userId: number): Promise<string | undefined> {
  const { rows } = await sql<{ password: string | null }>`
    select password from accounts where user_id = ${userId} and provider_id = 'credential'
    for share`.execute(tx);
  return rows[0]?.password ?? undefined;
}

/** False when the password is another one by now. */
export async function replacePassword(
  tx: Transaction<Schema>,
  userId: number,
  from: string,
  to: string,
  now: Date,
): Promise<boolean> {
  const row = await tx
    .updateTable('accounts')
    .set({ password: to, updated_at: now })
    .where('user_id', '=', userId)
    .where('provider_id', '=', 'credential')
    .where('password', '=', from)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
