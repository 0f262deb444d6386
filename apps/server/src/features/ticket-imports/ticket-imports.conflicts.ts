import type { ImportProblem } from '@parley/contract/ticket-imports';
import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import type { ImportRow } from './ticket-imports.row.ts';

/** Numbers of these lines that other tickets of the project have. */
export async function findTakenNumbers(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
): Promise<Set<number>> {
  const wanted = rows.flatMap(({ ticket }) => ticket.ticket_number ?? []);
  const found = await sql<{ ticket_number: number }>`
    select ticket_number from tickets
    where project_id = ${projectId} and ticket_number = any(${wanted}::integer[])`.execute(uow.tx);
  return new Set(found.rows.map((row) => row.ticket_number));
}

/** Lines that cannot become new tickets because of what is there, or of an earlier line, by line. */
export async function findProblemRows(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
): Promise<Map<number, ImportProblem>> {
  const messageIds = await findMessageIds(uow, projectId, rows);
  const issues = await findIssues(uow, projectId, rows);
  const problems = new Map<number, ImportProblem>();
  for (const row of rows) {
    const { line, ticket } = row;
    const refuse = (field: string, detail: string) =>
      problems.set(line, { line, field, code: 'unique', detail, loaded: false });
    const ids = (ticket.messages ?? []).map(({ id }) => id?.toLowerCase());
    const index = ids.findIndex((id) => id !== undefined && messageIds.has(id));
    const issue = issueOf(row);
    if (index !== -1) refuse(`messages__${index}__id`, 'Another message has this id.');
    else if (issue !== undefined && issues.has(issue))
      refuse('github_issue_number', 'Another ticket is about this issue.');
    else {
      for (const id of ids) if (id !== undefined) messageIds.add(id);
      if (issue !== undefined) issues.add(issue);
    }
  }
  return problems;
}

async function findMessageIds(uow: Uow, projectId: number, rows: readonly ImportRow[]): Promise<Set<string>> {
  const ids = rows.flatMap(({ ticket }) => (ticket.messages ?? []).flatMap(({ id }) => id ?? []));
  const found = await sql<{ id: string }>`
    select id from messages where project_id = ${projectId} and id = any(${ids}::uuid[])`.execute(uow.tx);
  return new Set(found.rows.map(({ id }) => id));
}

function issueOf({ ticket }: ImportRow): string | undefined {
  const { github_repo: repo, github_issue_number: number } = ticket;
  return repo == null || number == null ? undefined : `${repo}#${number}`;
}

async function findIssues(uow: Uow, projectId: number, rows: readonly ImportRow[]): Promise<Set<string>> {
  const repos = rows.flatMap((row) => (issueOf(row) === undefined ? [] : (row.ticket.github_repo ?? [])));
  const numbers = rows.flatMap((row) =>
    issueOf(row) === undefined ? [] : (row.ticket.github_issue_number ?? []),
  );
  if (repos.length === 0) return new Set();
  const found = await sql<{ issue: string }>`
    select t.github_repo || '#' || t.github_issue_number as issue
    from unnest(${repos}::text[], ${numbers}::integer[]) as wanted(repo, number)
    join tickets t on t.project_id = ${projectId} and t.github_repo = wanted.repo
      and t.github_issue_number = wanted.number`.execute(uow.tx);
  return new Set(found.rows.map((row) => row.issue));
}
