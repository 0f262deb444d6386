import type { ImportProblem } from '@parley/contract/ticket-imports';
import { type RawBuilder, sql } from 'kysely';
import { countThread } from '#features/messages/messages.figures.service.ts';
import { type ChangeableTicket, lockTickets } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ownColumns } from './ticket-imports.columns.ts';
import { insertMessages, placeMessages } from './ticket-imports.messages.ts';
import type { Team } from './ticket-imports.people.ts';
import type { ImportRow } from './ticket-imports.row.ts';

/**
 * Brings tickets up to date with their lines: their fields, and messages that are missing. Number, channel and what is
 * only here stay. A line that changes nothing makes no new version.
 */
export async function updateTickets(
  uow: Uow,
  project: Project,
  rows: readonly ImportRow[],
  team: Team,
): Promise<{ ids: string[]; problems: ImportProblem[] }> {
  const wanted = rows.map(({ ticket }) => ticket.id.toLowerCase());
  const locked = await lockTickets(uow, project, wanted, { withDeleted: true });
  const tickets = new Map(locked.map((ticket) => [ticket.id, ticket]));
  const problems: ImportProblem[] = [];
  const ids: string[] = [];
  for (const row of rows) {
    const ticket = tickets.get(row.ticket.id.toLowerCase());
    if (!ticket) continue;
    const { line } = row;
    if (ticket.deleted_at !== null || ticket.merged_into_id !== null) {
      const detail = 'The ticket is deleted or merged here, and was left as it is.';
      problems.push({ line, field: 'id', code: 'conflict', detail, loaded: true });
    } else {
      const added = await addMessages(uow, ticket, row, team, problems);
      if ((await updateColumns(uow, ticket, row, team, added)) || added) ids.push(ticket.id);
    }
  }
  return { ids, problems };
}

/** Whether messages came to the thread. */
async function addMessages(
  uow: Uow,
  ticket: ChangeableTicket,
  { line, ticket: { messages = [] } }: ImportRow,
  team: Team,
  problems: ImportProblem[],
): Promise<boolean> {
  // Without an id nobody can tell whether a message is there already.
  const named = messages.filter((message) => message.id !== undefined);
  if (named.length === 0) return false;
  const wanted = named.map(({ id = '' }) => id.toLowerCase());
  const { rows } = await sql<{ id: string; ticket_id: string; created_at: Date }>`
    select m.id, m.ticket_id, m.created_at from messages m
    where m.project_id = ${ticket.project_id} and (m.ticket_id = ${ticket.id} or m.id = any(${wanted}::uuid[]))`.execute(
    uow.tx,
  );
  const known = new Set(rows.map(({ id }) => id));
  for (const { id } of rows.filter((row) => row.ticket_id !== ticket.id)) {
    const detail = `Message ${id} belongs to another ticket here.`;
    problems.push({ line, field: 'messages', code: 'unique', detail, loaded: true });
  }
  const missing = named.filter(({ id = '' }) => !known.has(id.toLowerCase()));
  if (missing.length === 0) return false;
  const taken = rows.filter((row) => row.ticket_id === ticket.id).map((row) => row.created_at.getTime());
  await insertMessages(uow, ticket.project_id, [
    { ticketId: ticket.id, messages: placeMessages(missing, team, taken) },
  ]);
  return true;
}

const TYPES: Readonly<Record<string, string>> = {
  anonymous_traits: 'jsonb',
  ai_triage: 'jsonb',
  session_context: 'jsonb',
  cc_participants: 'jsonb',
  tags: 'text[]',
  assignee_user_id: 'integer',
  assignee_role_id: 'uuid',
  identity_verified: 'boolean',
  ai_resolved: 'boolean',
  sla_due_at: 'timestamptz',
  snoozed_until: 'timestamptz',
  resolved_at: 'timestamptz',
};
/** Marks of the sweeps: they follow the deadline, and alone are no change. */
const MARKS = ['sla_at_risk_for', 'sla_breached_for'];

async function updateColumns(
  uow: Uow,
  ticket: ChangeableTicket,
  row: ImportRow,
  team: Team,
  hasMessages: boolean,
): Promise<boolean> {
  const { sla_at_risk_for, sla_breached_for, ...columns } = ownColumns(row, team, uow.now);
  const values: [string, RawBuilder<unknown>][] = Object.entries(columns).map(([name, value]) => [
    name,
    sql`${value}::${sql.raw(TYPES[name] ?? 'text')}`,
  ]);
  const figures = hasMessages ? Object.entries(await countThread(uow, ticket)) : [];
  const isDifferent = sql.join(
    values.map(([name, value]) => sql`t.${sql.ref(name)} is distinct from ${value}`),
    sql` or `,
  );
  const set = [
    ...values,
    ...figures.map(([name, value]): [string, RawBuilder<unknown>] => [name, sql`${value}`]),
    [MARKS[0], sql`${sla_at_risk_for}::timestamptz`],
    [MARKS[1], sql`${sla_breached_for}::timestamptz`],
    ['updated_at', sql`greatest(t.updated_at, ${updatedAt(row)}::timestamptz)`],
    ['version', sql`t.version + 1`],
  ] as const;
  const assignments = set.map(([name, value]) => sql`${sql.ref(name ?? '')} = ${value}`);
  const { rows } = await sql`
    update tickets t set ${sql.join(assignments)}
    where t.project_id = ${ticket.project_id} and t.id = ${ticket.id} and (${hasMessages} or ${isDifferent})
    returning t.id`.execute(uow.tx);
  return rows.length > 0;
}

function updatedAt({ ticket }: ImportRow): Date {
  return toInstant(ticket.updated_at ?? ticket.created_at);
}
