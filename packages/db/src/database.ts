import { Kysely, type LogEvent, PGliteDialect, PostgresDialect } from 'kysely';
import type { Schema } from './schema.ts';

/** A database connection, with the few things Kysely does not speak of. */
export interface Database {
  readonly kind: 'postgres' | 'pglite';
  readonly kysely: Kysely<Schema>;
  /**
   * One connection for single statements outside of the transaction at hand. It does not wait for the disk. The
   * embedded database has none.
   */
  readonly aside?: Kysely<Schema>;
  /** What pg-boss is given: the server's URL, or the embedded instance itself. */
  readonly source: { url: string } | { pglite: import('@electric-sql/pglite').PGlite };
  /** Runs several statements that take no parameters, as one round trip. */
  script(text: string): Promise<void>;
  /** Calls back for every NOTIFY on the channel; survives a lost connection. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  notify(channel: string, payload: string): Promise<void>;
  /** Connections in use, idle and waited for; the embedded database has one. */
  poolState(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Most connections to a server. Ignored by the embedded database. */
  poolSize?: number;
  /** Sees the text of every statement: tests prove tenancy with it. */
  onStatement?: ((sql: string) => void) | undefined;
}

/**
 * Planning these lists costs more than compiling them could ever save. A statement that runs away, or a transaction
 * somebody forgot, must not keep a connection from all others.
 */
const SETTINGS = [
  '-c jit=off',
  '-c timezone=UTC',
  '-c statement_timeout=30000',
  '-c idle_in_transaction_session_timeout=60000',
].join(' ');

/** int8 as a number: sequence numbers and counts stay far below 2^53. */
const INT8 = 20;

function createKysely(dialect: PostgresDialect | PGliteDialect, options: DatabaseOptions): Kysely<Schema> {
  const { onStatement } = options;
  if (!onStatement) return new Kysely<Schema>({ dialect });
  return new Kysely<Schema>({ dialect, log: (event: LogEvent) => onStatement(event.query.sql) });
}

/** Connects to a PostgreSQL server. */
export async function connectPostgres(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const { default: pg } = await import('pg');
  const { listenOn } = await import('./listen.ts');
  const { preparing } = await import('./prepared-statements.ts');
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
  };
  const open = (max: number, settings: string) => {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      types,
      pipeline: true,
      application_name: 'parley',
      // Whoever waits this long for a connection is told that the server is too busy.
      connectionTimeoutMillis: 10_000,
      options: settings,
    });
    // An idle connection that the server drops is replaced by the pool; without a listener it would end the process.
    pool.on('error', () => {});
    return pool;
  };
  const pool = open(options.poolSize ?? 10, SETTINGS);
  const aside = open(1, `${SETTINGS} -c synchronous_commit=off`);
  return {
    kind: 'postgres',
    kysely: createKysely(new PostgresDialect({ pool: preparing(pool) }), options),
    aside: createKysely(new PostgresDialect({ pool: preparing(aside) }), options),
    source: { url },
    async script(text) {
      const client = await pool.connect();
      try {
        await client.query(text);
      } catch (error) {
        await client.query('rollback').catch(() => {});
        throw error;
      } finally {
        client.release();
      }
    },
    listen: (channel, onPayload) => listenOn(url, channel, onPayload),
    async notify(channel, payload) {
      await pool.query('select pg_notify($1, $2)', [channel, payload]);
    },
    poolState: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: async () => void (await Promise.all([pool.end(), aside.end()])),
  };
}

export interface EmbeddedOptions extends DatabaseOptions {
  /** A dump made by `dumpDataDir`, to start from; tests use it. */
  loadDataDir?: Blob;
}

/**
 * Opens the embedded database in a folder (or `memory://`). One process may own it at a time: the caller holds the
 * lock (see data-dir-lock.ts of the server). It survives a killed process, but not a power cut: it never fsyncs.
 */
export async function openEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<Database> {
  const { PGlite } = await import('@electric-sql/pglite');
  const [{ pg_trgm }, { btree_gin }] = await Promise.all([
    import('@electric-sql/pglite/contrib/pg_trgm'),
    import('@electric-sql/pglite/contrib/btree_gin'),
  ]);
  const pglite = await PGlite.create({
    dataDir,
    extensions: { pg_trgm, btree_gin },
    parsers: { [INT8]: Number },
    ...(options.loadDataDir ? { loadDataDir: options.loadDataDir } : {}),
  });
  await pglite.exec('set timezone to UTC');
  return {
    kind: 'pglite',
    kysely: createKysely(new PGliteDialect({ pglite }), options),
    source: { pglite },
    async script(text) {
      try {
        await pglite.exec(text);
      } catch (error) {
        await pglite.exec('rollback').catch(() => {});
        throw error;
      }
    },
    listen: async (channel, onPayload) => pglite.listen(channel, onPayload),
    async notify(channel, payload) {
      await pglite.query('select pg_notify($1, $2)', [channel, payload]);
    },
    poolState: () => ({ total: 1, idle: 1, waiting: 0 }),
    close: () => pglite.close(),
  };
}
