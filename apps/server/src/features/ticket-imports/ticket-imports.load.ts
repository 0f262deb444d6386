import type { ImportProblem } from '@parley/contract/ticket-imports';
import type { TicketsTable } from '@parley/db/schema';
import { type Insertable, sql } from 'kysely';
import { addToVocabulary } from '#features/tags/tags.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { importActivities } from './ticket-imports.activities.ts';
import { newColumns } from './ticket-imports.columns.ts';
import { findProblemRows, findTakenNumbers } from './ticket-imports.conflicts.ts';
import { insertMessages, placeMessages } from './ticket-imports.messages.ts';
import { findTeam, importPersons, type Team } from './ticket-imports.people.ts';
import type { ImportRow } from './ticket-imports.row.ts';
import { updateTickets } from './ticket-imports.update.ts';

export interface Loaded {
  /** Of tickets that are new or changed. */
  ids: string[];
  created: number;
  updated: number;
  skipped: number;
  problems: ImportProblem[];
}

/**
 * Loads a batch of lines of different tickets in one unit of work. Nothing follows from it but what is stored: no
 * message is sent, no rule runs, nobody is notified, and one event stands for the whole batch.
 */
export async function loadBatch(
  uow: Uow,
  project: Project,
  mode: 'skip' | 'update',
  rows: readonly ImportRow[],
): Promise<Loaded> {
  const there = await findThere(uow, project.id, rows);
  const isNew = (row: ImportRow) => !there.has(row.ticket.id.toLowerCase());
  const problems: ImportProblem[] = [];
  const refused = await findProblemRows(uow, project.id, rows.filter(isNew));
  problems.push(...refused.values());
  const fresh = rows.filter((row) => isNew(row) && !refused.has(row.line));
  const known = rows.filter((row) => !isNew(row));
  const touched = mode === 'update' ? [...fresh, ...known] : fresh;
  const team = await findTeam(uow, project, touched);
  await importPersons(uow, project.id, touched, mode);
  await addToVocabulary(uow, project.id, [...new Set(touched.flatMap((row) => row.tags))]);
  const inserted = await insertTickets(uow, project, fresh, team, problems);
  problems.push(...inserted.flatMap((row) => unknownAssignee(row, team)));
  const ids = inserted.map(({ ticket }) => ticket.id.toLowerCase());
  let updated = 0;
  if (mode === 'update' && known.length > 0) {
    const result = await updateTickets(uow, project, known, team);
    updated = result.ids.length;
    ids.push(...result.ids);
    problems.push(...result.problems, ...known.flatMap((row) => unknownAssignee(row, team)));
  }
  uow.invalidate(unreadCountKey(project.id));
  problems.sort((a, b) => a.line - b.line);
  return { ids, created: inserted.length, updated, skipped: known.length - updated, problems };
}

async function findThere(uow: Uow, projectId: number, rows: readonly ImportRow[]): Promise<Set<string>> {
  const ids = rows.map(({ ticket }) => ticket.id);
  const { rows: found } = await sql<{ id: string }>`
    select id from tickets where project_id = ${projectId} and id = any(${ids}::uuid[])`.execute(uow.tx);
  return new Set(found.map(({ id }) => id));
}

/** The rows whose tickets are there now; the others were taken by somebody else this very moment. */
async function insertTickets(
  uow: Uow,
  project: Project,
  rows: readonly ImportRow[],
  team: Team,
  problems: ImportProblem[],
): Promise<ImportRow[]> {
  if (rows.length === 0) return [];
  const numbers = await pickNumbers(uow, project.id, rows, problems);
  const emailConfigs = await findEmailConfigs(uow, project.id, rows);
  const threads = new Map(rows.map((row) => [row, placeMessages(row.ticket.messages ?? [], team)]));
  const columns: Insertable<TicketsTable>[] = rows.map((row) => ({
    project_id: project.id,
    ticket_number: numbers.get(row) ?? 0,
    ...newColumns(row, {
      team,
      now: uow.now,
      messages: threads.get(row) ?? [],
      emailConfigId: emailConfigs.get(row.ticket.email_to?.toLowerCase() ?? ''),
    }),
  }));
  const made = await uow.tx
    .insertInto('tickets')
    .values(columns)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  const ids = new Set(made.map(({ id }) => id));
  const inserted = rows.filter((row) => ids.has(row.ticket.id.toLowerCase()));
  for (const { line } of rows.filter((row) => !inserted.includes(row))) {
    const detail = 'Its id or number was taken just now. Import the line again.';
    problems.push({ line, field: 'id', code: 'conflict', detail, loaded: false });
  }
  const messages = inserted.map((row) => ({ ticketId: row.ticket.id, messages: threads.get(row) ?? [] }));
  await insertMessages(uow, project.id, messages);
  await importActivities(uow, project.id, inserted);
  problems.push(...inserted.flatMap(unmerged));
  return inserted;
}

/** Its own number where it is free, else the next one. Both are below the counter by now (raiseCounter). */
async function pickNumbers(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
  problems: ImportProblem[],
): Promise<Map<ImportRow, number>> {
  const taken = await findTakenNumbers(uow, projectId, rows);
  const numbers = new Map<ImportRow, number>();
  for (const row of rows) {
    const { ticket_number: own } = row.ticket;
    const isFree = own != null && !taken.has(own);
    const number = isFree ? own : await uow.takeNumber(projectId);
    taken.add(number);
    numbers.set(row, number);
    if (isFree || own == null) continue;
    const detail = `#${own} is another ticket here. This one became #${number}.`;
    problems.push({ line: row.line, field: 'ticket_number', code: 'unique', detail, loaded: true });
  }
  return numbers;
}

async function findEmailConfigs(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
): Promise<Map<string, string>> {
  const emails = rows.flatMap(({ ticket }) => ticket.email_to?.toLowerCase() ?? []);
  if (emails.length === 0) return new Map();
  const { rows: found } = await sql<{ id: string; email: string }>`
    select id, email from email_configs
    where project_id = ${projectId} and email = any(${emails}::text[])
    order by id for key share`.execute(uow.tx);
  return new Map(found.map(({ id, email }) => [email, id]));
}

function unknownAssignee({ line, ticket }: ImportRow, team: Team): ImportProblem[] {
  const { assignee } = ticket;
  if (!assignee) return [];
  const isKnown =
    assignee.type === 'user'
      ? team.users.has(assignee.email?.toLowerCase() ?? '')
      : team.roles.has(assignee.name?.toLowerCase() ?? '');
  if (isKnown) return [];
  const detail = 'There is no such member or role here. The ticket has no assignee.';
  return [{ line, field: 'assignee', code: 'does_not_exist', detail, loaded: true }];
}

function unmerged({ line, ticket }: ImportRow): ImportProblem[] {
  if (ticket.merged_into_id == null) return [];
  const detail = 'The ticket was merged into another one. Here it stands for itself.';
  return [{ line, field: 'merged_into_id', code: 'invalid_input', detail, loaded: true }];
}
