import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** Uses after which a text is worth keeping prepared: what runs once at start, or once in this form, is not. */
const USES = 3;
/** Every connection may hold all of them, and a plan takes up to some hundred kilobytes there. */
const MOST_NAMES = 250;
const MOST_CANDIDATES = 1000;

/**
 * In a statement whose best plan depends on its values, such as how common the tag is that is looked for: it is never
 * kept prepared, because PostgreSQL could settle on one plan for all values.
 */
export const PLAN_ANEW = '/* plan anew */';

/** Gives texts that come again a name, the same on every connection. Bounded: the others stay without one. */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  return (text) => {
    const name = names.get(text);
    if (name !== undefined || names.size === MOST_NAMES) return name;
    if (text.includes(PLAN_ANEW)) return undefined;
    const count = (uses.get(text) ?? 0) + 1;
    if (count < USES) {
      if (uses.size === MOST_CANDIDATES) uses.clear();
      uses.set(text, count);
      return undefined;
    }
    uses.delete(text);
    const given = `p${names.size}`;
    names.set(text, given);
    return given;
  };
}

/** A changed table can make a prepared statement's plan invalid for good: PostgreSQL refuses it on that connection. */
function isStalePlan(error: unknown): boolean {
  return error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery';
}

/**
 * The pool as Kysely sees it, with statements that come again kept prepared: planning a ticket's joins takes several
 * times as long as running them.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const nameOf = createStatementNames();
  // Kysely knows a connection by its client, so each client has one face for life.
  const faces = new WeakMap<pg.PoolClient, PostgresPoolClient>();

  function wrap(client: pg.PoolClient): PostgresPoolClient {
    let isStale = false;
    const face = {
      async query(text: string, values: readonly unknown[]) {
        const name = values.length > 0 ? nameOf(text) : undefined;
        try {
          return await client.query({ text, values: [...values], ...(name === undefined ? {} : { name }) });
        } catch (error) {
          isStale ||= isStalePlan(error);
          throw error;
        }
      },
      release: (destroy?: boolean) => client.release(destroy || isStale),
    };
    // Only the form with a cursor is missing, and Kysely uses that for streams alone.
    return face as unknown as PostgresPoolClient;
  }

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const face = faces.get(client) ?? wrap(client);
      faces.set(client, face);
      return face;
    },
  };
}
