import type { Holiday, Weekday, WorkingWindow } from '@parley/contract/working-hours';
import { WEEKDAYS } from '@parley/contract/working-hours';
import { IANAZone } from 'luxon';
import { invalid } from '#platform/api-error.ts';
import type { Span, WorkingCalendar } from './calendar.types.ts';
import { DAY_MS, openZone } from './wall-clock.ts';

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MINUTE_MS = 60_000;

export type WeeklyWindows = Record<Weekday, WorkingWindow[]>;

/** `HH:MM` as milliseconds after midnight. */
function readTime(text: string, attr: string): number {
  const match = TIME.exec(text);
  if (!match) throw invalid(attr, 'Enter a time of the day such as 09:00.');
  const [, hours = '24', minutes = '00'] = match;
  return (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
}

/** A window as a span; `start` must come before `end`, so none goes over midnight (inbox.md 9). */
function readWindow(window: WorkingWindow, attr: string): Span {
  const span = { start: readTime(window.start, `${attr}__start`), end: readTime(window.end, `${attr}__end`) };
  if (span.start >= span.end)
    throw invalid(`${attr}__end`, 'The end must be after the start, on the same day.');
  return span;
}

/** The name of a zone that both luxon and PostgreSQL know. */
export function checkZone(name: unknown, attr: string): string {
  // Offsets such as +02:00 pass for zones too, but PostgreSQL reads their sign the other way round.
  if (typeof name === 'string' && /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name)) return name;
  throw invalid(attr, 'This is no time zone of the IANA list.', 'invalid_choice');
}

function readDay(windows: readonly WorkingWindow[], attr: string): Span[] {
  const spans = windows.map((window, index) => readWindow(window, `${attr}__${index}`));
  spans.sort((a, b) => a.start - b.start);
  if (spans.some((span, index) => index > 0 && span.start < (spans[index - 1]?.end ?? 0)))
    throw invalid(attr, 'The windows of a day must not overlap.');
  return spans;
}

/** Windows that touch are one: a lunch break of no minutes is none. */
function join(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.end === span.start) last.end = span.end;
    else joined.push({ ...span });
  }
  return joined;
}

function readWeek(weekly: Partial<WeeklyWindows>): Span[][] {
  const week = WEEKDAYS.map((name) => join(readDay(weekly[name] ?? [], `weekly__${name}`)));
  if (week.some((day) => day.length > 0)) return week;
  throw invalid('weekly', 'At least one day of the week must have a window.', 'empty');
}

/** Whether the calendar has this day: 30 February passes for the second of March. */
function isDay(text: string): boolean {
  if (!DATE.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** What a holiday closes, under its date or its day of every year. */
function readHoliday(holiday: Holiday, attr: string): { key: string; span: Span } {
  const { date, yearly = false, start = null, end = null } = holiday;
  if (!isDay(date)) throw invalid(`${attr}__date`, 'Enter a day such as 2026-12-25.');
  if ((start === null) !== (end === null))
    throw invalid(
      `${attr}__${start === null ? 'start' : 'end'}`,
      'A part of a day needs a start and an end.',
    );
  const span = start === null || end === null ? { start: 0, end: DAY_MS } : readWindow({ start, end }, attr);
  return { key: yearly ? date.slice(5) : date, span };
}

/** A calendar out of what was set. Throws the first field that is wrong. */
export function readCalendar(
  timezone: string,
  weekly: Partial<WeeklyWindows>,
  holidays: readonly Holiday[] = [],
): WorkingCalendar {
  const closed = new Map<string, Span[]>();
  for (const [index, holiday] of holidays.entries()) {
    const { key, span } = readHoliday(holiday, `holidays__${index}`);
    closed.set(key, [...(closed.get(key) ?? []), span]);
  }
  return { zone: openZone(timezone), week: readWeek(weekly), holidays: closed };
}
