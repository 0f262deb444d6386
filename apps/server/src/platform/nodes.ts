import type { Database } from '@parley/db/database';
import { sql } from 'kysely';
import type { Clock } from './clock.ts';
import { newId } from './ids.ts';

const HEARTBEAT_MS = 10_000;
/** Three missed heartbeats: that node is gone. */
const GONE_MS = 30_000;

export interface NodeRegistry {
  /** Nodes that are alive, this one included. */
  live(): number;
  stop(): Promise<void>;
}

/** Signs this process in among the nodes of one database, and counts them. */
export async function joinNodes(
  database: Database,
  clock: Clock,
  onError: (error: unknown) => void,
): Promise<NodeRegistry> {
  const id = newId();
  let live = 1;

  async function beat(): Promise<void> {
    const now = clock.now();
    await sql`
      insert into nodes (id, started_at, seen_at) values (${id}, ${now}, ${now})
      on conflict (id) do update set seen_at = excluded.seen_at`.execute(database.kysely);
    const gone = new Date(now.getTime() - GONE_MS);
    await sql`delete from nodes where seen_at < ${gone}`.execute(database.kysely);
    const { rows } = await sql<{ n: number }>`select count(*) as n from nodes`.execute(database.kysely);
    live = Math.max(1, Number(rows[0]?.n ?? 1));
  }

  await beat();
  const timer = setInterval(() => beat().catch(onError), HEARTBEAT_MS);
  timer.unref();
  return {
    live: () => live,
    async stop() {
      clearInterval(timer);
      await sql`delete from nodes where id = ${id}`.execute(database.kysely);
    },
  };
}
