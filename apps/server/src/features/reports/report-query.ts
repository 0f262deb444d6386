import {
  REPORT_DAYS_MAX,
  REPORT_GROUPINGS,
  REPORT_INTERVALS,
  type ReportGrouping,
  type ReportInterval,
  type ReportQuery,
} from '@parley/contract/reports';
import { CHANNEL_SOURCES } from '@parley/contract/tickets';
import { DateTime } from 'luxon';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import { parseDateBound } from '#platform/relative-date.ts';
import type { Day } from './report-figures.ts';

/** What a report is asked for. Days are inclusive. */
export interface ReportQuestion {
  from: Day;
  to: Day;
  /** As many days before them: their first. */
  previousFrom: Day;
  interval: ReportInterval;
  groupBy: ReportGrouping;
  channels: readonly string[] | undefined;
  /** `user:3`, `role:<uuid>` or '' for unassigned. */
  assignees: readonly string[] | undefined;
  tag: string | undefined;
}

export interface Asker {
  now: Date;
  userId: number | undefined;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const LIST_MAX = 100;
/** Nothing is older. */
const EARLIEST = '1970-01-01';

/** Reads the query of a report. Unlike a list it refuses what it does not understand: other figures would answer another question. */
export function readQuestion(query: ReportQuery, project: Project, asker: Asker): ReportQuestion {
  const today = DateTime.fromJSDate(asker.now, { zone: project.timezone }).toISODate() ?? EARLIEST;
  const to = readDay(query.date_to, 'to', project, asker) ?? today;
  const from = readDay(query.date_from, 'from', project, asker) ?? plusDays(to, 1 - DEFAULT_DAYS);
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) throw invalid('date_from', 'The first day must not be after the last.');
  if (days > REPORT_DAYS_MAX)
    throw invalid('date_from', `A report has no more than ${REPORT_DAYS_MAX} days.`, 'max_value');
  return {
    from,
    to,
    previousFrom: plusDays(from, -days),
    interval: readChoice(query.interval, 'interval', REPORT_INTERVALS),
    groupBy: readChoice(query.group_by, 'group_by', REPORT_GROUPINGS),
    channels: readList(query.channel, (text) => readChoice(text, 'channel', CHANNEL_SOURCES)),
    assignees: readList(query.assignee, (text) => readAssignee(text, asker)),
    tag: query.tag?.trim().toLowerCase() || undefined,
  };
}

export function readFormat(format: string | undefined): 'json' | 'csv' {
  return readChoice(format, 'format', ['json', 'csv']);
}

/** One of a closed list; the first when nothing is said. */
export function readChoice<const T extends readonly [string, ...string[]]>(
  text: string | undefined,
  attr: string,
  values: T,
): T[number] {
  if (text === undefined || text === '') return values[0];
  const found = values.find((value) => value === text);
  if (found === undefined) throw invalid(attr, `Must be one of ${values.join(', ')}.`, 'invalid_choice');
  return found;
}

/** The same day, so many days later. */
function plusDays(day: Day, days: number): Day {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** First days of the intervals between two days. Only the first of them may begin before. */
export function periodsBetween(from: Day, to: Day, interval: ReportInterval): Day[] {
  const start = DateTime.fromISO(from, { zone: 'UTC' }).startOf(interval);
  const last = Date.parse(to);
  const periods: Day[] = [];
  for (let index = 0; ; index += 1) {
    const period = start.plus({ [interval]: index });
    if (period.toMillis() > last) return periods;
    periods.push(period.toJSDate().toISOString().slice(0, 10));
  }
}

function readDay(
  text: string | undefined,
  bound: 'from' | 'to',
  { timezone }: Project,
  { now }: Asker,
): Day | undefined {
  if (text === undefined || text === '') return undefined;
  const moment = parseDateBound(text, { now, timezone, bound });
  const day = moment && DateTime.fromJSDate(moment, { zone: timezone }).toISODate();
  const attr = `date_${bound}`;
  if (!day) throw invalid(attr, 'Must be a date, a datetime, or relative such as -7d or -1mStart.');
  if (day < EARLIEST || day.length !== EARLIEST.length)
    throw invalid(attr, `Must be ${EARLIEST} to 9999-12-31.`, 'min_value');
  return day;
}

function readList<T>(text: string | undefined, read: (item: string) => T): T[] | undefined {
  const items = (text ?? '').split(',').map((item) => item.trim());
  const named = [...new Set(items.filter(Boolean))].slice(0, LIST_MAX);
  return named.length > 0 ? named.map(read) : undefined;
}

function readAssignee(text: string, { userId }: Asker): string {
  const word = text.toLowerCase();
  if (word === 'unassigned') return '';
  if (word === 'me' && userId !== undefined) return `user:${userId}`;
  const [, type, id = ''] = /^(user|role):(.+)$/.exec(word) ?? [];
  if (type === 'user' && /^[1-9]\d{0,9}$/.test(id)) return word;
  if (type === 'role' && isUuid(id)) return word;
  throw invalid('assignee', "Must be 'me', 'unassigned', 'user:<id>' or 'role:<uuid>'.", 'invalid_choice');
}
