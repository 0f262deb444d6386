import { type Holiday, WEEKDAYS } from '@parley/contract/working-hours';
import { describe, expect, it } from 'vitest';
import type { WorkingCalendar, WorkingUnit } from './calendar.types.ts';
import { readCalendar, type WeeklyWindows } from './calendar-input.service.ts';
import { addWorkingTime, isOpen, nextOpening, workingTimeBetween } from './working-time.service.ts';

const WORKDAYS = WEEKDAYS.slice(0, 5);

function hours(start: string, end: string, days: readonly (typeof WEEKDAYS)[number][] = WORKDAYS) {
  return Object.fromEntries(days.map((day) => [day, [{ start, end }]])) as Partial<WeeklyWindows>;
}

const OFFICE = hours('09:00', '17:00');
const ALWAYS = hours('00:00', '24:00', WEEKDAYS);
const LUNCH: Partial<WeeklyWindows> = Object.fromEntries(
  WORKDAYS.map((day) => [
    day,
    [
      { start: '13:00', end: '17:00' },
      { start: '09:00', end: '12:00' },
    ],
  ]),
);
const SHORT_FRIDAY = { ...OFFICE, friday: [{ start: '09:00', end: '13:00' }] };
const NIGHT = hours('00:00', '08:00', WEEKDAYS);
const SUNDAY = hours('00:00', '24:00', ['sunday']);

const day = (date: string, more: Partial<Holiday> = {}): Holiday => ({ name: 'Closed', date, ...more });

const CALENDARS: Record<string, WorkingCalendar> = {
  utc: readCalendar('UTC', OFFICE),
  berlin: readCalendar('Europe/Berlin', OFFICE),
  newYork: readCalendar('America/New_York', OFFICE),
  kolkata: readCalendar('Asia/Kolkata', OFFICE),
  lordHowe: readCalendar('Australia/Lord_Howe', OFFICE),
  apia: readCalendar('Pacific/Apia', OFFICE),
  kathmandu: readCalendar('Asia/Kathmandu', OFFICE),
  chatham: readCalendar('Pacific/Chatham', OFFICE),
  saoPaulo: readCalendar('America/Sao_Paulo', hours('00:00', '08:00')),
  always: readCalendar('Europe/Berlin', ALWAYS),
  alwaysClosedAtChristmas: readCalendar('Europe/Berlin', ALWAYS, [day('2025-12-25', { yearly: true })]),
  lunch: readCalendar('UTC', LUNCH),
  shortFriday: readCalendar('UTC', SHORT_FRIDAY),
  night: readCalendar('Europe/Berlin', NIGHT),
  sunday: readCalendar('Europe/Berlin', SUNDAY),
  sixDays: readCalendar('UTC', hours('00:00', '24:00', WEEKDAYS.slice(0, 6))),
  holidays: readCalendar('UTC', OFFICE, [
    day('2026-03-03'),
    day('2000-05-01', { yearly: true }),
    day('2026-12-24', { start: '12:00', end: '24:00' }),
    day('2026-12-23', { start: '11:00', end: '13:00' }),
    day('2024-02-29', { yearly: true }),
  ]),
};

type Row = [calendar: string, from: string, amount: number, unit: WorkingUnit, deadline: string];

/** 2026-03-02 is a Monday. */
const ROWS: Row[] = [
  // Within a day, and its edges.
  ['utc', '2026-03-02T10:00Z', 4, 'hour', '2026-03-02T14:00Z'],
  ['utc', '2026-03-02T10:00Z', 7, 'hour', '2026-03-02T17:00Z'],
  ['utc', '2026-03-02T10:00Z', 421, 'minute', '2026-03-03T09:01Z'],
  ['utc', '2026-03-02T09:00Z', 8, 'hour', '2026-03-02T17:00Z'],
  ['utc', '2026-03-02T09:00Z', 1, 'minute', '2026-03-02T09:01Z'],
  ['utc', '2026-03-02T16:59Z', 1, 'minute', '2026-03-02T17:00Z'],
  ['utc', '2026-03-02T16:59Z', 2, 'minute', '2026-03-03T09:01Z'],
  ['utc', '2026-03-02T17:00Z', 1, 'minute', '2026-03-03T09:01Z'],
  ['utc', '2026-03-02T16:59:59.999Z', 1, 'minute', '2026-03-03T09:00:59.999Z'],
  ['utc', '2026-03-02T10:00Z', 0.5, 'hour', '2026-03-02T10:30Z'],
  ['utc', '2026-03-02T10:00Z', 0, 'hour', '2026-03-02T10:00Z'],
  ['utc', '2026-03-02T10:00Z', 1.5, 'minute', '2026-03-02T10:01:30Z'],
  // Started outside of hours.
  ['utc', '2026-03-02T03:00Z', 1, 'hour', '2026-03-02T10:00Z'],
  ['utc', '2026-03-02T22:00Z', 1, 'hour', '2026-03-03T10:00Z'],
  ['utc', '2026-03-07T12:00Z', 1, 'hour', '2026-03-09T10:00Z'],
  ['utc', '2026-03-08T23:59:59.999Z', 8, 'hour', '2026-03-09T17:00Z'],
  ['utc', '2026-03-06T17:00Z', 30, 'minute', '2026-03-09T09:30Z'],
  // Over days and weekends: cases I82 and 138 first.
  ['utc', '2026-03-05T16:00Z', 4, 'hour', '2026-03-06T12:00Z'],
  ['utc', '2026-03-05T16:00Z', 10, 'hour', '2026-03-09T10:00Z'],
  ['utc', '2026-03-06T16:30Z', 1, 'hour', '2026-03-09T09:30Z'],
  ['utc', '2026-03-02T09:00Z', 40, 'hour', '2026-03-06T17:00Z'],
  ['utc', '2026-03-02T09:00Z', 41, 'hour', '2026-03-09T10:00Z'],
  ['utc', '2026-03-02T12:00Z', 1, 'day', '2026-03-03T12:00Z'],
  ['utc', '2026-03-02T12:00Z', 5, 'day', '2026-03-09T12:00Z'],
  ['utc', '2026-03-06T12:00Z', 1.5, 'day', '2026-03-09T16:00Z'],
  ['utc', '2026-03-07T00:00Z', 1, 'day', '2026-03-09T17:00Z'],
  ['utc', '2026-01-01T09:00Z', 261, 'day', '2026-12-31T17:00Z'],
  // Zones.
  ['berlin', '2026-01-05T08:00Z', 1, 'hour', '2026-01-05T09:00Z'],
  ['berlin', '2026-07-06T07:00Z', 1, 'hour', '2026-07-06T08:00Z'],
  ['newYork', '2026-01-05T13:00Z', 2, 'hour', '2026-01-05T16:00Z'],
  ['newYork', '2026-01-05T22:00Z', 1, 'hour', '2026-01-06T15:00Z'],
  ['kolkata', '2026-01-05T03:30Z', 8, 'hour', '2026-01-05T11:30Z'],
  ['kolkata', '2026-01-05T00:00Z', 15, 'minute', '2026-01-05T03:45Z'],
  ['kathmandu', '2026-01-05T03:15Z', 1, 'day', '2026-01-05T11:15Z'],
  ['lordHowe', '2026-01-04T22:00Z', 1, 'hour', '2026-01-04T23:00Z'],
  ['lordHowe', '2026-07-06T00:00Z', 1, 'hour', '2026-07-06T01:00Z'],
  ['chatham', '2026-01-04T19:15Z', 8, 'hour', '2026-01-05T03:15Z'],
  ['apia', '2026-01-04T20:00Z', 8, 'hour', '2026-01-05T04:00Z'],
  // The clock is put forward over the weekend: 29 March in Berlin, 8 March in New York.
  ['berlin', '2026-03-27T15:00Z', 2, 'hour', '2026-03-30T08:00Z'],
  ['berlin', '2026-03-27T08:00Z', 2, 'day', '2026-03-30T15:00Z'],
  ['berlin', '2026-03-28T23:00Z', 16, 'hour', '2026-03-31T15:00Z'],
  ['newYork', '2026-03-06T21:00Z', 2, 'hour', '2026-03-09T14:00Z'],
  ['newYork', '2026-03-06T14:00Z', 2, 'day', '2026-03-09T21:00Z'],
  // And back: 25 October in Berlin, 1 November in New York.
  ['berlin', '2026-10-23T14:00Z', 2, 'hour', '2026-10-26T09:00Z'],
  ['berlin', '2026-10-23T07:00Z', 2, 'day', '2026-10-26T16:00Z'],
  ['newYork', '2026-10-30T20:00Z', 2, 'hour', '2026-11-02T15:00Z'],
  ['newYork', '2026-10-30T13:00Z', 16, 'hour', '2026-11-02T22:00Z'],
  // Lord Howe moves by half an hour: 5 April and 4 October.
  ['lordHowe', '2026-04-03T05:00Z', 2, 'hour', '2026-04-05T23:30Z'],
  ['lordHowe', '2026-10-02T05:30Z', 2, 'hour', '2026-10-04T23:00Z'],
  ['chatham', '2026-04-03T02:15Z', 2, 'hour', '2026-04-05T21:15Z'],
  // Samoa had no 30 December 2011, a Friday.
  ['apia', '2011-12-29T19:00Z', 8, 'hour', '2011-12-30T03:00Z'],
  ['apia', '2011-12-30T02:00Z', 2, 'hour', '2012-01-01T20:00Z'],
  ['apia', '2011-12-30T02:00Z', 1, 'day', '2012-01-02T02:00Z'],
  // Windows in which the clock is changed keep their length on the clock.
  ['night', '2026-03-28T23:00Z', 8, 'hour', '2026-03-29T06:00Z'],
  ['night', '2026-03-28T23:00Z', 4, 'hour', '2026-03-29T02:00Z'],
  ['night', '2026-03-28T23:00Z', 150, 'minute', '2026-03-29T01:00Z'],
  ['night', '2026-10-24T22:00Z', 8, 'hour', '2026-10-25T07:00Z'],
  ['night', '2026-10-24T22:00Z', 150, 'minute', '2026-10-25T00:30Z'],
  ['night', '2026-10-25T01:15Z', 30, 'minute', '2026-10-25T01:45Z'],
  ['sunday', '2026-03-28T12:00Z', 1, 'day', '2026-03-29T22:00Z'],
  ['sunday', '2026-10-24T12:00Z', 1, 'day', '2026-10-25T23:00Z'],
  ['saoPaulo', '2018-11-05T02:00Z', 8, 'hour', '2018-11-05T10:00Z'],
  // Always open: time is time, whatever the clock does.
  ['always', '2026-03-28T12:00Z', 24, 'hour', '2026-03-29T12:00Z'],
  ['always', '2026-03-28T12:00Z', 1, 'day', '2026-03-29T12:00Z'],
  ['always', '2026-10-24T12:00Z', 90, 'minute', '2026-10-24T13:30Z'],
  ['always', '2026-02-28T23:59:59.999Z', 1, 'minute', '2026-03-01T00:00:59.999Z'],
  ['alwaysClosedAtChristmas', '2026-12-24T22:00Z', 2, 'hour', '2026-12-26T00:00Z'],
  // A whole day is 24 hours where any time counts.
  ['sixDays', '2026-03-06T12:00Z', 1, 'day', '2026-03-07T12:00Z'],
  ['sixDays', '2026-03-07T12:00Z', 1, 'day', '2026-03-09T12:00Z'],
  ['sixDays', '2026-03-07T23:59Z', 1, 'minute', '2026-03-08T00:00Z'],
  // Several windows; the longest day of the week is one `day`.
  ['lunch', '2026-03-02T11:30Z', 1, 'hour', '2026-03-02T13:30Z'],
  ['lunch', '2026-03-02T11:00Z', 1, 'hour', '2026-03-02T12:00Z'],
  ['lunch', '2026-03-02T12:30Z', 4, 'hour', '2026-03-02T17:00Z'],
  ['lunch', '2026-03-02T09:00Z', 1, 'day', '2026-03-02T17:00Z'],
  ['lunch', '2026-03-02T10:00Z', 2, 'day', '2026-03-04T10:00Z'],
  ['shortFriday', '2026-03-06T12:00Z', 2, 'hour', '2026-03-09T10:00Z'],
  ['shortFriday', '2026-03-06T09:00Z', 1, 'day', '2026-03-09T13:00Z'],
  // Holidays: one day, every year, a part of a day, 29 February.
  ['holidays', '2026-03-02T16:00Z', 2, 'hour', '2026-03-04T10:00Z'],
  ['holidays', '2026-03-03T10:00Z', 1, 'hour', '2026-03-04T10:00Z'],
  ['holidays', '2027-03-03T10:00Z', 1, 'hour', '2027-03-03T11:00Z'],
  ['holidays', '2026-04-30T16:00Z', 2, 'hour', '2026-05-04T10:00Z'],
  ['holidays', '2028-05-01T09:00Z', 1, 'minute', '2028-05-02T09:01Z'],
  ['holidays', '2026-12-24T09:00Z', 4, 'hour', '2026-12-25T10:00Z'],
  ['holidays', '2026-12-24T09:00Z', 3, 'hour', '2026-12-24T12:00Z'],
  ['holidays', '2026-12-23T10:00Z', 2, 'hour', '2026-12-23T14:00Z'],
  ['holidays', '2026-12-23T11:30Z', 1, 'minute', '2026-12-23T13:01Z'],
  ['holidays', '2028-02-28T16:00Z', 2, 'hour', '2028-03-01T10:00Z'],
  ['holidays', '2027-02-26T16:00Z', 2, 'hour', '2027-03-01T10:00Z'],
];

function calendarOf(name: string): WorkingCalendar {
  const calendar = CALENDARS[name];
  if (!calendar) throw new Error(`There is no calendar ${name}.`);
  return calendar;
}

const at = (text: string) => new Date(text);

describe('addWorkingTime', () => {
  it('has at least the sixty rows that are asked for', () => expect(ROWS.length).toBeGreaterThanOrEqual(60));

  it.each(ROWS)('%s: %s + %d %s is %s', (name, from, amount, unit, deadline) => {
    const found = addWorkingTime(calendarOf(name), at(from), amount, unit);
    expect(found.toISOString()).toBe(at(deadline).toISOString());
  });

  it('case I83: two days in a 9–17 window are 16 working hours, also across a clock change', () => {
    for (const [calendar, from] of [
      ['berlin', '2026-03-27T08:00Z'],
      ['berlin', '2026-10-23T07:00Z'],
      ['newYork', '2026-03-06T14:00Z'],
    ] as const) {
      const deadline = addWorkingTime(calendarOf(calendar), at(from), 2, 'day');
      expect(workingTimeBetween(calendarOf(calendar), at(from), deadline)).toBe(16 * 3_600_000);
    }
  });

  it.each([
    ['utc', 1320, 'day'],
    ['utc', 1e300, 'minute'],
    ['always', 1831, 'day'],
    ['sunday', 262, 'day'],
  ] as const)('%s: %d %ss are further away than it looks', (name, amount, unit) => {
    const add = () => addWorkingTime(calendarOf(name), at('2026-03-02T09:00Z'), amount, unit, 'sla_amount');
    expect(add).toThrow(expect.objectContaining({ code: 'max_value', attr: 'sla_amount' }));
  });
});

describe('workingTimeBetween', () => {
  it.each([
    ['utc', '2026-03-02T10:00Z', '2026-03-02T10:00Z', 0],
    ['utc', '2026-03-02T10:00Z', '2026-03-02T09:00Z', 0],
    ['utc', '2026-03-02T17:00Z', '2026-03-03T09:00Z', 0],
    ['utc', '2026-03-02T00:00Z', '2026-03-09T00:00Z', 40],
    ['berlin', '2026-03-22T23:00Z', '2026-03-29T22:00Z', 40],
    ['berlin', '2026-03-29T00:00Z', '2026-03-29T12:00Z', 0],
    ['apia', '2011-12-24T10:00Z', '2012-01-02T10:00Z', 40],
    ['night', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 8],
    ['always', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 23],
    ['holidays', '2026-12-21T00:00Z', '2026-12-26T00:00Z', 33],
    ['lunch', '2026-03-02T00:00Z', '2026-03-03T00:00Z', 7],
  ] as const)('%s: from %s to %s are %d hours', (name, from, to, expected) => {
    expect(workingTimeBetween(calendarOf(name), at(from), at(to)) / 3_600_000).toBe(expected);
  });
});

describe('isOpen and nextOpening', () => {
  it.each([
    ['utc', '2026-03-02T08:59:59.999Z', false, '2026-03-02T09:00Z'],
    ['utc', '2026-03-02T09:00Z', true, '2026-03-02T09:00Z'],
    ['utc', '2026-03-02T16:59:59.999Z', true, '2026-03-02T16:59:59.999Z'],
    ['utc', '2026-03-02T17:00Z', false, '2026-03-03T09:00Z'],
    ['utc', '2026-03-06T18:00Z', false, '2026-03-09T09:00Z'],
    ['berlin', '2026-03-28T12:00Z', false, '2026-03-30T07:00Z'],
    ['kolkata', '2026-03-02T03:29Z', false, '2026-03-02T03:30Z'],
    ['lunch', '2026-03-02T12:00Z', false, '2026-03-02T13:00Z'],
    ['holidays', '2026-03-03T10:00Z', false, '2026-03-04T09:00Z'],
    ['holidays', '2026-12-23T11:00Z', false, '2026-12-23T13:00Z'],
    ['apia', '2011-12-30T03:00Z', false, '2012-01-01T19:00Z'],
    ['always', '2026-03-02T03:00Z', true, '2026-03-02T03:00Z'],
  ] as const)('%s at %s: %s, next %s', (name, moment, open, next) => {
    expect(isOpen(calendarOf(name), at(moment))).toBe(open);
    expect(nextOpening(calendarOf(name), at(moment))?.toISOString()).toBe(at(next).toISOString());
  });

  it('a calendar whose only windows are holidays never opens', () => {
    const off = Array.from({ length: 31 }, (_, n) => day(`2026-01-${String(n + 1).padStart(2, '0')}`));
    const months = Array.from({ length: 12 }, (_, m) => String(m + 1).padStart(2, '0'));
    const yearly = months.flatMap((month) =>
      off.map(({ date, name }) => ({ name, date: `2024-${month}-${date.slice(-2)}`, yearly: true })),
    );
    const exist = yearly.filter(({ date }) => new Date(date).toISOString().startsWith(date));
    const closed = readCalendar('UTC', OFFICE, exist);
    expect(nextOpening(closed, at('2026-03-02T10:00Z'))).toBeUndefined();
    expect(() => addWorkingTime(closed, at('2026-03-02T10:00Z'), 1, 'minute')).toThrow('five years');
  });
});
