import type { Schema, TicketsTable } from '@parley/db/schema';
import type { Insertable, Kysely, Selectable, Transaction, Updateable } from 'kysely';
import { sql } from 'kysely';
import { isUuid } from '#platform/ids.ts';
import { DEFER } from '#platform/unit-of-work.ts';

/** The columns of a TicketRow. */
export const ROW = [
  'project_id',
  'id',
  'ticket_number',
  'channel_source',
  'channel_detail',
  'distinct_id',
  'status',
  'priority',
  'assignee_user_id',
  'assignee_role_id',
  'anonymous_traits',
  'ai_resolved',
  'escalation_reason',
  'message_count',
  'last_message_at',
  'last_message_text',
  'last_customer_message_at',
  'unread_team_count',
  'unread_customer_count',
  'session_id',
  'session_context',
  'sla_due_at',
  'snoozed_until',
  'resolved_at',
  'email_subject',
  'email_from',
  'email_config_id',
  'cc_participants',
  'tags',
  'merged_into_id',
  'merged_ticket_ids',
  'version',
  'created_at',
  'updated_at',
  'deleted_at',
] as const satisfies readonly (keyof TicketsTable)[];

/** What rules know of a ticket. */
export type TicketRow = Pick<Selectable<TicketsTable>, (typeof ROW)[number]>;
export type TicketChanges = Updateable<Omit<TicketsTable, 'project_id' | 'id' | 'ticket_number' | 'version'>>;

/** How a path names a ticket: its uuid or its number (tickets-api.md 2.4). */
export type TicketRef = { id: string } | { number: number };

const INT4_MAX = 2_147_483_647;

/** Undefined for what can be neither; that is a 404. */
export function parseTicketRef(text: string): TicketRef | undefined {
  if (isUuid(text)) return { id: text.toLowerCase() };
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= 1 && number <= INT4_MAX ? { number } : undefined;
}

function selectRow(tx: Kysely<Schema>, projectId: number, ref: TicketRef) {
  const query = tx.selectFrom('tickets').select(ROW).where('project_id', '=', projectId);
  return 'id' in ref ? query.where('id', '=', ref.id) : query.where('ticket_number', '=', ref.number);
}

/** Deleted tickets are found too; the caller decides. */
export function find(tx: Kysely<Schema>, projectId: number, ref: TicketRef): Promise<TicketRow | undefined> {
  return selectRow(tx, projectId, ref).executeTakeFirst();
}

/** Holds the ticket until the transaction ends: every mutation starts here. */
export function lock(
  tx: Transaction<Schema>,
  projectId: number,
  ref: TicketRef,
): Promise<TicketRow | undefined> {
  return selectRow(tx, projectId, ref).forUpdate().executeTakeFirst();
}

/** Locks in the order of ids, so that two bulk operations can't wait for each other. */
export function lockMany(
  tx: Transaction<Schema>,
  projectId: number,
  ids: readonly string[],
  options: { withDeleted?: boolean } = {},
): Promise<TicketRow[]> {
  return tx
    .selectFrom('tickets')
    .select(ROW)
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .$if(!options.withDeleted, (query) => query.where('deleted_at', 'is', null))
    .orderBy('id')
    .forUpdate()
    .execute();
}

export type Assigned = { userId: number } | { roleId: string };

function assignedTo(assigned: Assigned) {
  return 'userId' in assigned
    ? sql<boolean>`assignee_user_id = ${assigned.userId}`
    : sql<boolean>`assignee_role_id = ${assigned.roleId}`;
}

/** The tickets of a user or a role, deleted ones included, in the order in which they are to be locked. */
export async function findAssigned(
  tx: Transaction<Schema>,
  projectId: number,
  assigned: Assigned,
): Promise<string[]> {
  const query = tx.selectFrom('tickets').select('id').where('project_id', '=', projectId);
  return (await query.where(assignedTo(assigned)).orderBy('id').execute()).map(({ id }) => id);
}

/** As `lockMany`, with deleted tickets, and without those that somebody else has by now. */
export function lockAssigned(
  tx: Transaction<Schema>,
  projectId: number,
  assigned: Assigned,
  ids: readonly string[],
): Promise<TicketRow[]> {
  return tx
    .selectFrom('tickets')
    .select(ROW)
    .where('project_id', '=', projectId)
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .where(assignedTo(assigned))
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** Writes changes and the next version of a locked ticket. */
export function update(
  tx: Transaction<Schema>,
  ticket: TicketRow,
  changes: TicketChanges,
): Promise<TicketRow> {
  const { updated_at, ...rest } = changes;
  return tx
    .updateTable('tickets')
    .set({
      ...rest,
      // Never backwards, whichever node's clock is behind: lists are ordered by it.
      ...(updated_at ? { updated_at: sql`greatest(updated_at, ${updated_at}::timestamptz)` } : {}),
      version: sql`version + 1`,
    })
    .where('project_id', '=', ticket.project_id)
    .where('id', '=', ticket.id)
    .returning(ROW)
    .executeTakeFirstOrThrow();
}

/** All tickets that are merged into these, directly or not. */
export async function findMergedIds(
  tx: Transaction<Schema>,
  projectId: number,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select unnest(merged_ticket_ids) as id from tickets
    where project_id = ${projectId} and id = any(${[...ids]}::uuid[])`.execute(tx);
  return rows.map(({ id }) => id);
}

export type NewTicket = Omit<Insertable<TicketsTable>, 'ticket_number'>;

/** What the table gives a ticket beside what the insert names. */
const UNNAMED = {
  channel_detail: null,
  priority: null,
  assignee_user_id: null,
  assignee_role_id: null,
  ai_resolved: false,
  escalation_reason: null,
  message_count: 0,
  last_message_at: null,
  last_message_text: null,
  last_customer_message_at: null,
  unread_team_count: 0,
  unread_customer_count: 0,
  session_id: null,
  sla_due_at: null,
  snoozed_until: null,
  resolved_at: null,
  email_subject: null,
  email_from: null,
  email_config_id: null,
  tags: [],
  merged_into_id: null,
  merged_ticket_ids: [],
  version: 1,
  deleted_at: null,
} as const satisfies Partial<TicketRow>;

const json = <T>(text: string | undefined, otherwise: T): T =>
  text === undefined ? otherwise : (JSON.parse(text) as T);

/**
 * Inserts a ticket together with the statement after it, which is the one to fail. The row is put together here: to ask
 * for it would be a journey, and the parsing of all its columns, for what is known.
 */
export async function insert(
  tx: Transaction<Schema>,
  ticket: NewTicket & { ticket_number: number },
): Promise<TicketRow> {
  await tx.insertInto('tickets').values(ticket).modifyEnd(DEFER).execute();
  const { anonymous_traits, session_context, cc_participants, ...named } = ticket;
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  return {
    ...UNNAMED,
    // What the insert names and UNNAMED are a whole row: a test compares it with the table's.
    ...(Object.fromEntries(given) as Omit<
      TicketRow,
      'anonymous_traits' | 'session_context' | 'cc_participants'
    >),
    anonymous_traits: json<unknown>(anonymous_traits, {}),
    session_context: json<Record<string, unknown>>(session_context, {}),
    cc_participants: json<unknown[]>(cc_participants, []),
  };
}
