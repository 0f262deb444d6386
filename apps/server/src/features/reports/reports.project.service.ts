import type { EventName } from '@parley/contract/events';
import { findCalendar } from '#features/working-hours/working-hours.service.ts';
import { eachAlone } from '#platform/each-alone.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { findBehind, lockProgress, type ReportProgress, writeProgress } from './report-progress.repo.ts';
import { newestEvent, nextEvents, nextTickets, type SeenEvent } from './report-sources.repo.ts';
import { refreshTickets } from './reports.refresh.ts';

type Run = <T>(work: (uow: Uow) => Promise<T>) => Promise<T>;

/**
 * Events and tickets of one transaction. Together with the pace of the sweep they bound what figures cost beside
 * everything else: these may be some seconds old, and fall behind while more happens than that.
 */
const EVENTS = 2000;
const TICKETS = 500;
/** Of a look at all tickets: it goes on without a pause, so its transactions are to be short. */
const PASSED = 250;
/** Projects looked at in one pass. */
const PROJECTS = 100;

/** Events of tickets that change no figure. All others are looked into. */
const IRRELEVANT: ReadonlySet<string> = new Set<EventName>([
  'tickets.read',
  'tickets.sla_at_risk',
  'tickets.ai_feedback',
  'tickets.ai_metric',
  'notes.create',
  'notes.update',
  'notes.delete',
  'followers.add',
  'followers.remove',
  'ticket_links.create',
  'ticket_links.delete',
  'reply_drafts.create',
  'reply_drafts.discard',
]);
/** Events after which tickets differ that have none of their own. */
const OF_MANY: ReadonlySet<string> = new Set<EventName>(['tags.finish', 'working_hours.update']);

/**
 * Brings the figures of every project that is behind a step further. Several nodes may do this at once: each project is
 * done by whoever locks its progress, which commits with the figures. True when it should go on at once.
 */
export async function projectReports(run: Run): Promise<boolean> {
  const behind = await run((uow) => findBehind(uow.tx, PROJECTS));
  const step = (projectId: number) => run((uow) => projectOne(uow, projectId));
  const more = await eachAlone(behind, step, (failed) => `Figures of ${failed} projects failed`);
  return more.includes(true);
}

/** One step of one project. True while a look at all its tickets goes on, or an import is followed. */
async function projectOne(uow: Uow, projectId: number): Promise<boolean> {
  const query = uow.tx.selectFrom('projects').select(['id', 'timezone']).where('id', '=', projectId);
  const project = await query.executeTakeFirst();
  const progress = project && (await lockProgress(uow.tx, project, uow.now));
  if (!progress) return false;
  // Read first: every event up to this number is there to be read, or was removed with age.
  const newest = await newestEvent(uow.tx, projectId);
  const events = await nextEvents(uow.tx, projectId, progress.seq, EVENTS);
  const begins = needsPass(progress, project.timezone, events, newest);
  const start = begins ? 0 : progress.pass_after;
  const passed = start === null ? [] : await nextTickets(uow.tx, projectId, start, PASSED);
  const { taken, ids } = takeEvents(events);
  for (const { id } of passed) ids.add(id);
  await refreshTickets(uow, projectId, await findCalendar(uow, project), [...ids]);
  const next = passed.length === PASSED ? (passed.at(-1)?.ticket_number ?? null) : null;
  await writeProgress(uow.tx, projectId, {
    seq: taken.at(-1)?.seq ?? newest,
    timezone: project.timezone,
    pass_after: next,
    projected_at: uow.now,
  });
  const isImport = taken.length < events.length && taken.some(({ ticket_ids }) => ticket_ids !== null);
  return next !== null || isImport;
}

/** The first of the events, as many as lead to few enough tickets. */
function takeEvents(events: readonly SeenEvent[]): { taken: SeenEvent[]; ids: Set<string> } {
  const taken: SeenEvent[] = [];
  const ids = new Set<string>();
  for (const event of events) {
    const { name, ticket_id, ticket_ids } = event;
    const named = ticket_ids ?? (ticket_id === null || IRRELEVANT.has(name) ? [] : [ticket_id]);
    if (taken.length > 0 && ids.size + named.length > TICKETS) break;
    for (const id of named) ids.add(id);
    taken.push(event);
  }
  return { taken, ids };
}

/**
 * Whether all tickets have to be looked at: another time zone has other days, some events stand for many tickets, and
 * some may have been removed with age before they were read (numbers have no gaps).
 */
function needsPass(
  progress: ReportProgress,
  timezone: string,
  events: readonly SeenEvent[],
  newest: number,
): boolean {
  const isGap = (events.at(-1)?.seq ?? newest) - progress.seq !== events.length;
  return progress.timezone !== timezone || isGap || events.some(({ name }) => OF_MANY.has(name));
}
