import { WEEKDAYS } from '@parley/contract/working-hours';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCalendar, type WeeklyWindows } from './calendar-input.service.ts';
import { addWorkingTime, isOpen, workingTimeBetween } from './working-time.service.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Casablanca',
];

const time = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
// From five in the morning: where a clock is changed inside a window, hours there are skipped or come twice.
const windows = fc
  .uniqueArray(fc.integer({ min: 5, max: 24 }), { minLength: 0, maxLength: 4 })
  .map((hours) => hours.sort((a, b) => a - b))
  .map((hours) =>
    Array.from({ length: Math.floor(hours.length / 2) }, (_, n) => ({
      start: time(hours[2 * n] ?? 0),
      end: time(hours[2 * n + 1] ?? 24),
    })),
  );
const weekly = fc
  .tuple(...WEEKDAYS.map(() => windows))
  .map((days) => Object.fromEntries(WEEKDAYS.map((name, n) => [name, days[n] ?? []])) as WeeklyWindows)
  .filter((week) => Object.values(week).some((day) => day.length > 0));
const date = fc
  .date({ min: new Date('2025-01-01T00:00:00Z'), max: new Date('2028-12-31T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const holidays = fc.array(fc.record({ name: fc.constant('Off'), date, yearly: fc.boolean() }), {
  maxLength: 10,
});
const moment = fc.date({
  min: new Date('2025-01-01T00:00:00Z'),
  max: new Date('2028-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const unit = fc.constantFrom('minute' as const, 'hour' as const);

it('adding working time and measuring it gives the amount back', () => {
  const property = fc.property(
    fc.constantFrom(...ZONES),
    weekly,
    holidays,
    moment,
    fc.integer({ min: 1, max: 300 }),
    unit,
    (zone, week, off, from, amount, of) => {
      const calendar = readCalendar(zone, week, off);
      const deadline = addWorkingTime(calendar, from, amount, of);
      const ms = amount * (of === 'hour' ? 3_600_000 : 60_000);
      expect(workingTimeBetween(calendar, from, deadline)).toBe(ms);
      // No later than it must be: just before it, time was still working.
      expect(isOpen(calendar, new Date(deadline.getTime() - 1))).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

it('what lies between adds up', () => {
  const property = fc.property(
    fc.constantFrom(...ZONES),
    weekly,
    holidays,
    fc.tuple(moment, fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 })),
    (zone, week, off, [a, first, second]) => {
      const calendar = readCalendar(zone, week, off);
      const b = new Date(a.getTime() + first * 60_000);
      const c = new Date(b.getTime() + second * 60_000);
      const sum = workingTimeBetween(calendar, a, b) + workingTimeBetween(calendar, b, c);
      expect(workingTimeBetween(calendar, a, c)).toBe(sum);
    },
  );
  fc.assert(property, { numRuns: 300 });
});
