import { EXPORT_FORMATS, EXPORT_PARTS } from '@parley/contract/ticket-exports';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import {
  type FoundTicket,
  readFilters,
  type Stretch,
  walkTickets,
} from '#features/tickets/tickets.selection.service.ts';
import { type Actor, type Project, userOf } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { csvHead, csvRows } from './ticket-exports.csv.ts';
import { findLastNumber, findLines, type Parts } from './ticket-exports.repo.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** Tickets of one statement, and messages: long threads come in smaller batches. */
const BATCH = 200;
const BATCH_MESSAGES = 2000;
/** A key that was revoked must not go on reading: asked after so many batches. */
const READMITTED = 20;
const INT4_MAX = 2_147_483_647;

export interface ExportCall {
  actor: Actor;
  project: Project;
  query: Query;
  /** Throws when the caller would no longer be let in. */
  readmit(): Promise<unknown>;
}

export interface ExportRequest {
  format: (typeof EXPORT_FORMATS)[number];
  parts: Parts;
  after: number | undefined;
  hasMark: boolean;
}

/** Reads what is wanted. Filters are lenient as in lists; what a file is made of is not. */
export function readExport(query: Query): ExportRequest {
  const format = EXPORT_FORMATS.find((known) => known === (query.format || 'ndjson'));
  if (!format) throw invalid('format', `Must be one of ${EXPORT_FORMATS.join(', ')}.`, 'invalid_choice');
  const parts = (query.include ?? '').split(',').flatMap((part) => part.trim() || []);
  if (parts.some((part) => !EXPORT_PARTS.some((known) => known === part)))
    throw invalid('include', `Must be a list of ${EXPORT_PARTS.join(', ')}.`, 'invalid_choice');
  if (parts.length > 0 && format === 'csv')
    throw invalid('include', 'A table has one row per ticket. Take format=ndjson.');
  const after = query.after ? Number(query.after) : undefined;
  if (after !== undefined && (!/^\d{1,10}$/.test(query.after ?? '') || after > INT4_MAX))
    throw invalid('after', 'Must be the number of a ticket.');
  return {
    format,
    parts: { messages: parts.includes('messages'), activities: parts.includes('activities') },
    after,
    hasMark: query.bom === 'true',
  };
}

/**
 * Opens an export: it is in the audit log before its first byte, and answers the text of the file piece by piece. Each
 * piece is one look at the database, made when the one before was taken, so a slow reader holds neither memory nor a
 * connection. Numbers only grow, so a file goes on where it stopped.
 */
export async function openExport(
  unitOfWork: UnitOfWork,
  call: ExportCall,
  request: ExportRequest,
): Promise<AsyncGenerator<string, void, undefined>> {
  const { actor, project, query } = call;
  const stretch = await unitOfWork.run(actor, async (uow) => {
    const filters = await readFilters(uow, call);
    const until = await findLastNumber(uow.tx, project.id);
    // Their names only: a search may be about a person.
    const names = Object.keys(query).filter((name) => query[name]);
    const detail = { format: request.format, ...request.parts, parameters: names };
    await recordAudit(uow, project, { act: 'ticket_exports.download', detail });
    const after = request.after ?? 0;
    const userId = userOf(actor)?.id;
    return { projectId: project.id, userId, filters, after, until, limit: BATCH };
  });
  return writeExport(unitOfWork, call, request, stretch);
}

async function* writeExport(
  unitOfWork: UnitOfWork,
  { actor, readmit }: ExportCall,
  { format, parts, after, hasMark }: ExportRequest,
  start: Stretch,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv' && after === undefined) yield csvHead(hasMark);
  let stretch = start;
  for (let batch = 1; ; batch += 1) {
    const { tickets, reach } = await unitOfWork.read(actor, (context) => walkTickets(context, stretch));
    for (const some of split(tickets, parts)) {
      const ids = some.map(({ id }) => id);
      const lines = await unitOfWork.read(actor, ({ tx }) => findLines(tx, start.projectId, ids, parts));
      yield format === 'csv' ? csvRows(lines) : lines.map((line) => `${line}\n`).join('');
    }
    if (reach === undefined) return;
    stretch = { ...stretch, after: reach };
    if (batch % READMITTED === 0) await readmit();
  }
}

/** As many tickets together as their messages allow; at least one. */
function* split(tickets: readonly FoundTicket[], parts: Parts): Generator<FoundTicket[]> {
  let [some, weight]: [FoundTicket[], number] = [[], 0];
  for (const ticket of tickets) {
    const own = parts.messages ? ticket.message_count : 0;
    if (some.length > 0 && weight + own > BATCH_MESSAGES) {
      yield some;
      [some, weight] = [[], 0];
    }
    some.push(ticket);
    weight += own;
  }
  if (some.length > 0) yield some;
}
