import type { Span, WorkingCalendar } from './calendar.types.ts';
import { DAY_MS, toInstant, type WallTime, type Zone } from './wall-clock.ts';

const ALL_DAY: Span = { start: 0, end: DAY_MS };
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;

export function startOfDay(wall: WallTime): WallTime {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

/** Open every minute of every day: then working time is time. */
export function isAlwaysOpen({ week, holidays }: WorkingCalendar): boolean {
  return (
    holidays.size === 0 && week.every((day) => day[0]?.start === ALL_DAY.start && day[0].end === ALL_DAY.end)
  );
}

/** The working spans of a day, as wall times. A span that the zone's clock skips as a whole is none. */
export function spansOn(calendar: WorkingCalendar, day: WallTime): Span[] {
  const weekday = (((day / DAY_MS + FIRST_WEEKDAY) % 7) + 7) % 7;
  const spans = withoutHolidays(calendar, day, calendar.week[weekday] ?? []);
  return spans
    .map(({ start, end }) => ({ start: day + start, end: day + end }))
    .filter((span) => isShown(calendar.zone, span));
}

/** The working time of the longest day of the week: what the unit `day` means. */
export function lengthOfDay({ week }: WorkingCalendar): number {
  return Math.max(...week.map((day) => day.reduce((sum, { start, end }) => sum + end - start, 0)));
}

function withoutHolidays(
  { holidays }: WorkingCalendar,
  day: WallTime,
  spans: readonly Span[],
): readonly Span[] {
  if (holidays.size === 0) return spans;
  const date = new Date(day).toISOString().slice(0, 10);
  const closed = [...(holidays.get(date) ?? []), ...(holidays.get(date.slice(5)) ?? [])];
  return closed.reduce((open, off) => open.flatMap((span) => subtract(span, off)), spans);
}

function subtract(span: Span, off: Span): Span[] {
  return [
    { start: span.start, end: Math.min(span.end, off.start) },
    { start: Math.max(span.start, off.end), end: span.end },
  ].filter(({ start, end }) => start < end);
}

function isShown(zone: Zone, { start, end }: Span): boolean {
  // The same offset well before and after: no clock was changed in between, as on nearly every day.
  if (zone.offset(start - 2 * DAY_MS) === zone.offset(end + 2 * DAY_MS)) return true;
  return toInstant(zone, start) < toInstant(zone, end);
}
