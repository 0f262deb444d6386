import type pg from 'pg';

export type PoolName = 'any' | 'unread' | 'settled';

/** Ids of seeded tickets, by what a request does to them. */
export interface TicketPools {
  /** The next ones, never given out again. */
  take(name: PoolName, count: number): string[];
  /** Those that are left, to be used any number of times. */
  share(name: PoolName): readonly string[];
}

const MOST = 100_000;

/** Every reply to one of these runs the same statements: no status rule, no e-mail, no counter moves. */
const SETTLED = `status = 'open' and channel_source = 'widget' and unread_team_count = 0`;
/** Not the ones that are answered, so that a reply never meets a ticket that was read in the meantime. */
const UNREAD = `unread_team_count > 0`;

export async function readTicketPools(client: pg.Client): Promise<TicketPools> {
  const read = async (where: string) => {
    // An order that has nothing to do with time, and is the same in every run.
    const { rows } = await client.query<{ id: string }>(
      `select id from tickets where deleted_at is null and ${where} order by md5(id::text) limit $1`,
      [MOST],
    );
    return rows.map((row) => row.id);
  };
  const pools = { any: await read('true'), unread: await read(UNREAD), settled: await read(SETTLED) };
  const next = { any: 0, unread: 0, settled: 0 };
  return {
    take(name, count) {
      const taken = pools[name].slice(next[name], next[name] + count);
      next[name] += taken.length;
      return taken;
    },
    share: (name) => pools[name].slice(next[name]),
  };
}
