import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';
import type { TicketFacts } from './report-facts.ts';

type Tx = Kysely<Schema>;

/** A ticket with the dimensions that its figures are counted under. */
export interface ReportedTicket extends TicketFacts {
  id: string;
  channel_source: string;
  assignee: string;
  tags: string[];
}

type TicketRow = Omit<ReportedTicket, 'messages' | 'transitions' | 'rating'>;

/** Tickets with all that their figures follow from. Those that are gone are left out. */
export async function readTickets(
  tx: Tx,
  projectId: number,
  ids: readonly string[],
): Promise<ReportedTicket[]> {
  if (ids.length === 0) return [];
  const { rows: tickets } = await sql<TicketRow>`
    select t.id, t.channel_source, t.tags, t.status, t.created_at, t.resolved_at, t.sla_due_at, t.sla_breached_for,
      t.merged_into_id, t.deleted_at,
      coalesce('user:' || t.assignee_user_id, 'role:' || t.assignee_role_id, '') as assignee
    from tickets t where t.project_id = ${projectId} and t.id = any(${[...ids]}::uuid[])`.execute(tx);
  const shown = tickets.filter(({ deleted_at }) => deleted_at === null).map(({ id }) => id);
  const messages = Map.groupBy(await readMessages(tx, projectId, shown), (row) => row.ticket_id);
  const transitions = Map.groupBy(await readTransitions(tx, projectId, shown), (row) => row.ticket_id);
  const ratings = Map.groupBy(await readRatings(tx, projectId, shown), (row) => row.ticket_id);
  return tickets.map((ticket) => ({
    ...ticket,
    messages: messages.get(ticket.id) ?? [],
    transitions: transitions.get(ticket.id) ?? [],
    rating: ratings.get(ticket.id)?.[0],
  }));
}

/** Public ones, deleted ones too: they were written and sent. */
async function readMessages(tx: Tx, projectId: number, ids: readonly string[]) {
  const { rows } = await sql<{ ticket_id: string; author_type: string; created_at: Date }>`
    select m.ticket_id, m.author_type, m.created_at from messages m
    where m.project_id = ${projectId} and m.ticket_id = any(${[...ids]}::uuid[]) and not m.is_private
    order by m.created_at`.execute(tx);
  return rows;
}

/** Out of the activities: events are only kept for a month. */
async function readTransitions(tx: Tx, projectId: number, ids: readonly string[]) {
  const { rows } = await sql<{ ticket_id: string; after: string; created_at: Date }>`
    select a.ticket_id, change ->> 'after' as after, a.created_at
    from activities a cross join lateral jsonb_array_elements(
      case when jsonb_typeof(a.detail -> 'changes') = 'array' then a.detail -> 'changes' else '[]' end) as change
    where a.project_id = ${projectId} and a.ticket_id = any(${[...ids]}::uuid[]) and a.activity = 'updated'
      and change ->> 'field' = 'status' and 'resolved' in (change ->> 'before', change ->> 'after')
    order by a.created_at, a.id`.execute(tx);
  return rows;
}

async function readRatings(tx: Tx, projectId: number, ids: readonly string[]) {
  const query = tx
    .selectFrom('satisfaction_ratings')
    .select(['ticket_id', 'rating', 'score', 'created_at'])
    .where('project_id', '=', projectId);
  return query.where(sql<boolean>`ticket_id = any(${[...ids]}::uuid[])`).execute();
}

/** The next tickets of a project along their numbers. */
export async function nextTickets(tx: Tx, projectId: number, after: number, limit: number) {
  return tx
    .selectFrom('tickets')
    .select(['id', 'ticket_number'])
    .where('project_id', '=', projectId)
    .where('ticket_number', '>', after)
    .orderBy('ticket_number')
    .limit(limit)
    .execute();
}

export interface SeenEvent {
  seq: number;
  name: string;
  ticket_id: string | null;
  /** Of an import: its tickets have no events of their own. */
  ticket_ids: string[] | null;
}

/** The number of the newest event of a project. */
export async function newestEvent(tx: Tx, projectId: number): Promise<number> {
  const query = tx.selectFrom('event_counters').select('last_seq').where('project_id', '=', projectId);
  return (await query.executeTakeFirst())?.last_seq ?? 0;
}

/** Numbered events of a project after a number, oldest first. */
export async function nextEvents(tx: Tx, projectId: number, after: number, limit: number) {
  const { rows } = await sql<SeenEvent>`
    select seq, name, ticket_id, case when name = 'tickets.import' then payload -> 'ticket_ids' end as ticket_ids
    from events where project_id = ${projectId} and seq > ${after}
    order by seq limit ${limit}`.execute(tx);
  return rows;
}
