import type { Writable } from 'node:stream';
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

/** What a client is asked; `name` keeps it prepared. */
interface Statement {
  text: string;
  values?: unknown[];
  name?: string;
}

/** In a transaction: sent together with the next statement. For writes whose result nobody waits for. */
export const DEFERRED = '/* deferred */';

/** A system call costs as much as the query it carries. Without the stream, which pg does not promise, all goes well too. */
function inOnePacket<T>(client: pg.PoolClient, write: () => T): T {
  const stream = 'connection' in client && (client.connection as { stream?: Writable }).stream;
  if (!stream) return write();
  stream.cork();
  try {
    return write();
  } finally {
    stream.uncork();
  }
}

/** The plan of a named statement is made once, for any values: PostgreSQL would plan some of them in every call. */
const KEPT = 'force_generic_plan';
type Mode = 'auto' | typeof KEPT;

/** Follows how a connection plans, and says what has to be sent before a statement that is to be planned otherwise. */
function createPlanning() {
  let mode: Mode | undefined = 'auto';
  let atBegin: Mode | undefined;
  return {
    before(wanted: Mode): Statement[] {
      if (mode === wanted) return [];
      mode = wanted;
      return [{ text: `set plan_cache_mode = ${wanted}` }];
    },
    /** What is set in a transaction is taken back with it. */
    follow(text: string): void {
      if (text === 'begin') atBegin = mode;
      else if (text === 'rollback') mode = atBegin;
      else if (text.startsWith('rollback to')) mode = undefined;
    },
  };
}

/**
 * One connection as Kysely sees it. `begin` and deferred statements wait for the next one and travel with it: every
 * journey that is saved is time that the transaction's locks are not held. Their errors come out of that next
 * statement, the commit at the latest.
 */
function createFace(client: pg.PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient {
  let isStale = false;
  let isInTransaction = false;
  let held: Statement[] = [];
  const planning = createPlanning();

  async function send(statement: Statement): Promise<pg.QueryResult> {
    const batch = [...held, statement];
    held = [];
    try {
      const results = await Promise.all(inOnePacket(client, () => batch.map((one) => client.query(one))));
      const last = results.at(-1);
      if (!last) throw new Error('Nothing was sent.');
      return last;
    } catch (error) {
      isStale ||= isStalePlan(error);
      throw error;
    }
  }

  const face = {
    async query(text: string, values: readonly unknown[]) {
      const name = values.length > 0 ? nameOf(text) : undefined;
      const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      if (values.length > 0) held.push(...planning.before(name === undefined ? 'auto' : KEPT));
      planning.follow(text);
      if (text === 'begin') isInTransaction = true;
      // Alone, a statement that waits for the next one would wait for somebody else's, or for none.
      if (isInTransaction && (text === 'begin' || text.endsWith(DEFERRED))) {
        held.push(statement);
        return { command: '', rowCount: 0, rows: [] };
      }
      if (text === 'commit' || text === 'rollback') isInTransaction = false;
      if (text === 'rollback') {
        const isBegunThere = held[0]?.text !== 'begin';
        held = [];
        // Nothing of this transaction has left yet.
        if (!isBegunThere) return { command: 'ROLLBACK', rowCount: 0, rows: [] };
      }
      return send(statement);
    },
    release: (destroy?: boolean) => client.release(destroy || isStale || held.length > 0),
  };
  // Only the form with a cursor is missing, and Kysely uses that for streams alone.
  return face as unknown as PostgresPoolClient;
}

/**
 * The pool as Kysely sees it, with statements that come again kept prepared: planning a ticket's joins takes several
 * times as long as running them. Its connections have to be made with `pipeline: true`.
 */
export function preparing(pool: pg.Pool): PostgresPool {
  const nameOf = createStatementNames();
  // Kysely knows a connection by its client, so each client has one face for life.
  const faces = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const face = faces.get(client) ?? createFace(client, nameOf);
      faces.set(client, face);
      return face;
    },
  };
}
