import { IMPORT_MODES, type ImportProblem, type TicketImport } from '@parley/contract/ticket-imports';
import { sql } from 'kysely';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { type Actor, type Project, userOf } from '#platform/actor.ts';
import { ApiError, invalid, notFound } from '#platform/api-error.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import { readLines } from './ticket-imports.lines.ts';
import { type Loaded, loadBatch } from './ticket-imports.load.ts';
import * as repo from './ticket-imports.repo.ts';
import { type ImportRow, readRow } from './ticket-imports.row.ts';

/** Lines that commit together: at most so many, of so many characters. */
const BATCH = 100;
const BATCH_WEIGHT = 4 * 1024 * 1024;
/** A key that was revoked must not go on writing: asked after so many batches. */
const READMITTED = 20;
const LINE_MAX = 1_000_000_000;

export interface ImportCall {
  actor: Actor;
  project: Project;
  query: { mode?: string; import?: string; start_line?: string; more?: string };
  readmit(): Promise<unknown>;
}

export async function showImport(context: ReadContext, project: Project, id: string): Promise<TicketImport> {
  const row = isUuid(id) ? await repo.find(context.tx, project.id, id) : undefined;
  if (!row) throw notFound();
  const { project_id: _project, created_by: _user, ...shown } = row;
  return {
    ...shown,
    problems: await repo.findProblems(context.tx, project.id, row.id),
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}

/**
 * Loads the lines of a file while it arrives, batch by batch. Where it breaks off, everything that came whole is loaded
 * and the import says up to which line; sent again under its id it goes on from there.
 */
export async function runImport(
  unitOfWork: UnitOfWork,
  call: ImportCall,
  chunks: AsyncIterable<Buffer>,
): Promise<TicketImport> {
  const { actor, project, query } = call;
  const first = readStart(query.start_line);
  const begun = await unitOfWork.run(actor, (uow) => begin(uow, call));
  const run = new ImportRun(unitOfWork, call, begun);
  try {
    for await (const line of readLines(chunks, first)) {
      if (line.number > run.record.last_line) await run.take(line.number, readRow(line, run.now()));
    }
    await run.finish(query.more === 'true' ? 'running' : 'finished');
  } catch (error) {
    await run.interrupt(error);
    throw error;
  }
  return unitOfWork.read(actor, (context) => showImport(context, project, begun.id));
}

function readStart(text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > LINE_MAX) throw invalid('start_line', 'Must be the number of a line.');
  return number;
}

/** A new import, in the audit log; or the one to go on with. */
async function begin(uow: Uow, { project, query }: ImportCall): Promise<repo.ImportRecord> {
  const mode = IMPORT_MODES.find((known) => known === (query.mode || 'skip'));
  if (!mode) throw invalid('mode', `Must be one of ${IMPORT_MODES.join(', ')}.`, 'invalid_choice');
  if (query.import) {
    const known = isUuid(query.import) ? await repo.lock(uow.tx, project.id, query.import) : undefined;
    if (!known) throw invalid('import', 'There is no such import.', 'does_not_exist');
    if (query.mode && known.mode !== mode) throw invalid('mode', `This import was begun with ${known.mode}.`);
    return repo.update(uow.tx, known, { state: 'running', updated_at: uow.now });
  }
  const row = { project_id: project.id, id: newId(), mode, created_by: userOf(uow.actor)?.id ?? null };
  const target = { type: 'ticket_import', id: row.id };
  await recordAudit(uow, project, { act: 'ticket_imports.create', target, detail: { mode } });
  return repo.insert(uow.tx, row, uow.now);
}

/** Errors of the database about what a row holds, however it was checked before: never a reason to stop. */
function isAboutData(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|54)/.test(String(error.code));
}

const REFUSED: Pick<ImportProblem, 'field' | 'code' | 'detail' | 'loaded'> = {
  field: null,
  code: 'invalid_input',
  detail: 'The database does not take this line.',
  loaded: false,
};

/** One request's part of an import: gathers lines and commits them batch by batch. */
class ImportRun {
  record: repo.ImportRecord;
  private readonly unitOfWork: UnitOfWork;
  private readonly call: ImportCall;
  private rows: ImportRow[] = [];
  private problems: ImportProblem[] = [];
  private ids = new Set<string>();
  private weight = 0;
  private lastRead: number;
  private batches = 0;
  /** A batch did not get through: its lines are not done, and nothing after them may say so. */
  private isStuck = false;

  constructor(unitOfWork: UnitOfWork, call: ImportCall, record: repo.ImportRecord) {
    this.unitOfWork = unitOfWork;
    this.call = call;
    this.record = record;
    this.lastRead = record.last_line;
  }

  now(): Date {
    return this.record.updated_at;
  }

  async take(line: number, row: ImportRow | ImportProblem | undefined): Promise<void> {
    const id = row && 'ticket' in row ? row.ticket.id.toLowerCase() : undefined;
    // The second line of a ticket finds the first one loaded.
    if (id !== undefined && this.ids.has(id)) await this.flush();
    this.lastRead = line;
    if (row && 'ticket' in row && id !== undefined) {
      this.rows.push(row);
      this.ids.add(id);
      this.weight += row.weight;
    } else if (row && !('ticket' in row)) this.problems.push(row);
    if (this.rows.length >= BATCH || this.problems.length >= BATCH || this.weight >= BATCH_WEIGHT)
      await this.flush();
  }

  async finish(state: 'running' | 'finished'): Promise<void> {
    await this.flush();
    const { actor } = this.call;
    this.record = await this.unitOfWork.run(actor, (uow) =>
      repo.update(uow.tx, this.record, { state, updated_at: uow.now }),
    );
  }

  /** What came whole is loaded, unless loading is what went wrong. */
  async interrupt(cause: unknown): Promise<void> {
    const isOther = cause instanceof ApiError && cause.code === 'conflict';
    if (isOther) return;
    if (!this.isStuck) await this.flush().catch(() => {});
    await this.unitOfWork.run(this.call.actor, (uow) =>
      repo.update(uow.tx, this.record, { state: 'interrupted', updated_at: uow.now }),
    );
  }

  private async flush(): Promise<void> {
    if (this.lastRead === this.record.last_line) return;
    this.isStuck = true;
    const { rows, problems, lastRead } = this;
    [this.rows, this.problems, this.weight] = [[], [], 0];
    this.ids.clear();
    this.batches += 1;
    if (this.batches % READMITTED === 0) await this.call.readmit();
    await this.raiseCounter(rows);
    try {
      await this.commit(rows, problems, lastRead);
    } catch (error) {
      if (!isAboutData(error)) throw error;
      await this.commitOneByOne(rows, problems, lastRead);
    }
    this.isStuck = false;
  }

  /** Finds the line that the database refuses, and loads the others. */
  private async commitOneByOne(
    rows: ImportRow[],
    problems: ImportProblem[],
    lastRead: number,
  ): Promise<void> {
    const refused: ImportProblem[] = [];
    for (const row of rows) {
      try {
        await this.commit([row], [], this.record.last_line);
      } catch (error) {
        if (!isAboutData(error)) throw error;
        refused.push({ line: row.line, ...REFUSED });
      }
    }
    await this.commit(
      [],
      [...problems, ...refused].sort((a, b) => a.line - b.line),
      lastRead,
    );
  }

  private async commit(
    rows: readonly ImportRow[],
    problems: readonly ImportProblem[],
    lastLine: number,
  ): Promise<void> {
    const { project, actor } = this.call;
    const { mode, last_line: expected } = this.record;
    this.record = await this.unitOfWork.run(actor, async (uow) => {
      const locked = await repo.lock(uow.tx, project.id, this.record.id);
      if (locked?.last_line !== expected)
        throw new ApiError('conflict', 'Another request goes on with this import.');
      const loaded = await loadBatch(uow, project, mode, rows);
      const all = [...problems, ...loaded.problems].sort((a, b) => a.line - b.line);
      await repo.insertProblems(uow.tx, locked, all);
      report(uow, locked, lastLine, loaded);
      return repo.update(uow.tx, locked, {
        last_line: lastLine,
        created: locked.created + loaded.created,
        updated: locked.updated + loaded.updated,
        skipped: locked.skipped + loaded.skipped,
        failed: locked.failed + all.filter((problem) => !problem.loaded).length,
        updated_at: uow.now,
      });
    });
  }

  /**
   * Moves the project's counter past these numbers, before they are used and on its own: nobody who creates a ticket
   * meanwhile gets one of them, or waits for the batch.
   */
  private async raiseCounter(rows: readonly ImportRow[]): Promise<void> {
    const highest = Math.max(0, ...rows.map(({ ticket }) => ticket.ticket_number ?? 0));
    if (highest === 0) return;
    const { actor, project } = this.call;
    await this.unitOfWork.run(actor, (uow) =>
      sql`update ticket_counters set last_number = ${highest}
        where project_id = ${project.id} and last_number < ${highest}`.execute(uow.tx),
    );
  }
}

/** One event for a batch: a million tickets of years ago are no news for those who wait for new ones. */
function report(
  uow: Uow,
  record: repo.ImportRecord,
  lastLine: number,
  { created, updated, ids }: Loaded,
): void {
  if (ids.length === 0) return;
  uow.emit({
    name: 'tickets.import',
    projectId: record.project_id,
    resourceId: record.id,
    resourceVersion: lastLine,
    payload: { import_id: record.id, created, updated, ticket_ids: ids },
  });
}
