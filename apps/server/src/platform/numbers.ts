import type { Database } from '@parley/db/database';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';

/** Takes the next ticket number of a project. */
export type TakeNumber = (projectId: number) => Promise<number>;

/** Says that a number was given to something else before the row that took it was there. */
export const NUMBER_TAKEN = 'tickets_project_id_ticket_number_key';

interface Waiter {
  resolve(number: number): void;
  reject(error: unknown): void;
}

/** Adds to a project's counter and answers its new value. */
async function advance(db: Kysely<Schema>, projectId: number, by: number): Promise<number> {
  const { rows } = await sql<{ last_number: number }>`
    update ticket_counters set last_number = last_number + ${by}::integer
    where project_id = ${projectId} returning last_number`.execute(db);
  const last = rows[0]?.last_number;
  if (last === undefined) throw new Error(`Project ${projectId} has no counter.`);
  return last;
}

/**
 * Takes numbers inside the caller's transaction: the counter's row stays locked until it ends. For the embedded
 * database, whose one connection does one transaction at a time anyway.
 */
export const takeInside =
  (tx: Kysely<Schema>): TakeNumber =>
  (projectId) =>
    advance(tx, projectId, 1);

/**
 * Takes numbers outside of the transactions that use them, on a connection of its own. Inside, the counter's row would
 * stay locked until the commit and tickets of a project would be created one after the other. A transaction that
 * rolls back after it took its number leaves a gap; no number is ever given twice. Whoever asks while a statement is
 * under way shares the next one. A commit makes durable whatever was committed before it, so a stored ticket keeps its
 * number taken although this connection does not wait for the disk.
 */
export function createNumbers(database: Database): TakeNumber | undefined {
  const { aside } = database;
  if (!aside) return undefined;
  const waiting = new Map<number, Waiter[]>();

  const advanceAside = (projectId: number, by: number) => advance(aside, projectId, by);

  async function serve(projectId: number): Promise<void> {
    for (
      let waiters = waiting.get(projectId) ?? [];
      waiters.length > 0;
      waiters = waiting.get(projectId) ?? []
    ) {
      waiting.set(projectId, []);
      try {
        const last = await advanceAside(projectId, waiters.length);
        for (const [index, waiter] of waiters.entries()) waiter.resolve(last - waiters.length + 1 + index);
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
      }
    }
    waiting.delete(projectId);
  }

  return (projectId) =>
    new Promise((resolve, reject) => {
      const waiters = waiting.get(projectId);
      if (waiters) {
        waiters.push({ resolve, reject });
        return;
      }
      waiting.set(projectId, [{ resolve, reject }]);
      void serve(projectId);
    });
}
