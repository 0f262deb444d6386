import { DateTime, type DurationLike } from 'luxon';

type Bound = 'from' | 'to';
type Unit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

interface DateBoundOptions {
  now: Date;
  /** IANA name of the project's zone; days start and end there. */
  timezone: string;
  bound: Bound;
}

/** Longer than any accepted form, and short enough that no input costs more than another. */
const MAX_LENGTH = 40;
const EARLIEST = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

const RELATIVE = /^(?:-(\d{1,8}))?([hdwmqy])(Start|End)?$/;
const ABSOLUTE =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+ -]\d{2}(?::?\d{2})?)?)?$/;
const UNITS = new Map<string, Unit>([
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['m', 'month'],
  ['q', 'quarter'],
  ['y', 'year'],
]);

/**
 * The moment a date filter of a list means, both bounds inclusive, or undefined when the text is no date.
 *
 * Absolute: an ISO date is that day's first (`from`) or last (`to`) millisecond in the project's zone; an ISO datetime
 * without an offset is in that zone too. Relative: `-7d`, `-24h`, `-2w`, `-1m`, `-1q`, `-1y` count back from now on the
 * zone's calendar, and `Start` or `End` goes to the edge of that hour, day, week (Monday), month, quarter or year:
 * `-1mStart`, `dStart`. Years outside 0001 to 9999 are no dates.
 */
export function parseDateBound(text: string, options: DateBoundOptions): Date | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const moment = parseRelative(text, options) ?? parseAbsolute(text, options);
  if (!moment?.isValid || moment.year < 1 || moment.year > 9999) return undefined;
  // The first and the last day of the range leave it by some hours when they are turned into UTC.
  return new Date(Math.min(Math.max(moment.toMillis(), EARLIEST), LATEST));
}

function parseRelative(text: string, { now, timezone }: DateBoundOptions): DateTime | undefined {
  const [whole, amount, letter = '', edge] = RELATIVE.exec(text) ?? [];
  const unit = UNITS.get(letter);
  if (whole === undefined || unit === undefined || (amount === undefined && edge === undefined))
    return undefined;
  const moment = DateTime.fromJSDate(now, { zone: timezone }).minus(duration(unit, Number(amount ?? 0)));
  if (edge === 'Start') return startOf(moment, unit);
  return edge === 'End' ? endOf(moment, unit) : moment;
}

function parseAbsolute(text: string, { timezone, bound }: DateBoundOptions): DateTime | undefined {
  const [whole, date = '', time, offset] = ABSOLUTE.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (time === undefined) {
    const day = DateTime.fromISO(date, { zone: timezone });
    return bound === 'from' ? startOf(day, 'day') : endOf(day, 'day');
  }
  if (offset === undefined)
    return edgeOfRepeat(DateTime.fromISO(`${date}T${time}`, { zone: timezone }), bound);
  // A `+` that was not escaped in a URL arrives as a space.
  return DateTime.fromISO(`${date}T${time}${offset.replace(' ', '+')}`, { zone: timezone });
}

function startOf(moment: DateTime, unit: Unit): DateTime {
  const start = moment.startOf(unit);
  return unit === 'hour' ? start : edgeOfRepeat(start, 'from');
}

function endOf(moment: DateTime, unit: Unit): DateTime {
  const next = moment.startOf(unit).plus(duration(unit, 1));
  return startOf(next, unit).minus(1);
}

function duration(unit: Unit, amount: number): DurationLike {
  return { [unit]: amount };
}

/** A local time that happens twice, when clocks go back, means its first for `from` and its last for `to`. */
function edgeOfRepeat(moment: DateTime, bound: Bound): DateTime {
  const all = moment.getPossibleOffsets().sort((a, b) => a.toMillis() - b.toMillis());
  return all.at(bound === 'from' ? 0 : -1) ?? moment;
}
