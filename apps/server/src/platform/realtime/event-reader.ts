import type { Database } from '@parley/db/database';
import { sql } from 'kysely';

/** What a stream says of a change: never the data itself. */
export interface StreamEvent {
  seq: number;
  name: string;
  id: string;
  version: number;
  ticket_id: string | null;
}

/** Events of a project after a number, oldest first. */
export async function readEvents(
  database: Database,
  projectId: number,
  after: number,
  limit: number,
): Promise<StreamEvent[]> {
  const { rows } = await sql<StreamEvent>`
    select seq, name, resource_id as id, resource_version as version, ticket_id
    from events where project_id = ${projectId} and seq > ${after} order by seq limit ${limit}`.execute(
    database.kysely,
  );
  return rows;
}

/** The same of some tickets alone; `after` is not long ago. */
export async function readTicketEvents(
  database: Database,
  projectId: number,
  after: number,
  ticketIds: readonly string[],
): Promise<StreamEvent[]> {
  if (ticketIds.length === 0) return [];
  const { rows } = await sql<StreamEvent>`
    select seq, name, resource_id as id, resource_version as version, ticket_id
    from events where project_id = ${projectId} and seq > ${after} and ticket_id = any(${[...ticketIds]}::uuid[])
    order by seq`.execute(database.kysely);
  return rows;
}

/** The newest number of a project and the oldest that is still kept; both 0 where nothing happened yet. */
export async function readSeqRange(
  database: Database,
  projectId: number,
): Promise<{ newest: number; oldest: number }> {
  const { rows } = await sql<{ newest: number; oldest: number }>`
    select coalesce((select last_seq from event_counters where project_id = ${projectId}), 0) as newest,
      coalesce((select min(seq) from events where project_id = ${projectId} and seq is not null), 0) as oldest`.execute(
    database.kysely,
  );
  return rows[0] ?? { newest: 0, oldest: 0 };
}
