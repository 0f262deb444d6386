import { invalid } from '#platform/api-error.ts';
import type { WorkingCalendar, WorkingUnit } from './calendar.types.ts';
import { isAlwaysOpen, lengthOfDay, spansOn, startOfDay } from './calendar-days.ts';
import { DAY_MS, toInstant, toWall } from './wall-clock.ts';

/** About five years: whatever takes longer is a mistake (inbox.md 9). */
const MAX_DAYS = 5 * 366;

/**
 * The moment at which an amount of working time has passed (inbox.md 9). Working time is read off the wall clock: a
 * window from 9 to 17 is eight hours, whatever is done to the clock that day. `day` is the longest day of the week.
 * Throws for `attr` when that is more than about five years away.
 */
export function addWorkingTime(
  calendar: WorkingCalendar,
  from: Date,
  amount: number,
  unit: WorkingUnit,
  attr = 'amount',
): Date {
  let left = Math.round(amount * millisecondsOf(calendar, unit));
  if (left <= 0) return from;
  if (isAlwaysOpen(calendar)) {
    if (left <= MAX_DAYS * DAY_MS) return new Date(from.getTime() + left);
    throw tooFar(attr);
  }
  const { zone } = calendar;
  const wall = toWall(zone, from.getTime());
  for (let day = startOfDay(wall); day < wall + MAX_DAYS * DAY_MS; day += DAY_MS) {
    for (const span of spansOn(calendar, day)) {
      const start = Math.max(span.start, wall);
      if (start + left <= span.end) return new Date(toInstant(zone, start + left, from.getTime()));
      left -= Math.max(0, span.end - start);
    }
  }
  throw tooFar(attr);
}

/** Milliseconds of working time from one moment to another; 0 when the second is not the later one. */
export function workingTimeBetween(calendar: WorkingCalendar, from: Date, to: Date): number {
  if (to <= from) return 0;
  if (isAlwaysOpen(calendar)) return to.getTime() - from.getTime();
  const start = toWall(calendar.zone, from.getTime());
  const end = toWall(calendar.zone, to.getTime());
  let sum = 0;
  for (let day = startOfDay(start); day < end; day += DAY_MS) {
    for (const span of spansOn(calendar, day))
      sum += Math.max(0, Math.min(span.end, end) - Math.max(span.start, start));
  }
  return sum;
}

/** Whether a moment is in working time; the end of a window is not. */
export function isOpen(calendar: WorkingCalendar, at: Date): boolean {
  const wall = toWall(calendar.zone, at.getTime());
  return spansOn(calendar, startOfDay(wall)).some(({ start, end }) => start <= wall && wall < end);
}

/** The next moment of working time, which may be this one; undefined when there is none in about five years. */
export function nextOpening(calendar: WorkingCalendar, at: Date): Date | undefined {
  if (isOpen(calendar, at)) return at;
  const wall = toWall(calendar.zone, at.getTime());
  for (let day = startOfDay(wall); day < wall + MAX_DAYS * DAY_MS; day += DAY_MS) {
    const span = spansOn(calendar, day).find(({ start }) => start > wall);
    if (span) return new Date(toInstant(calendar.zone, span.start, at.getTime()));
  }
  return undefined;
}

function millisecondsOf(calendar: WorkingCalendar, unit: WorkingUnit): number {
  if (unit === 'day') return lengthOfDay(calendar);
  return unit === 'hour' ? 3_600_000 : 60_000;
}

function tooFar(attr: string) {
  return invalid(attr, 'That much working time is more than five years away.', 'max_value');
}
