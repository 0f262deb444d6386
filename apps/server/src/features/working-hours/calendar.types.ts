import type { Zone } from './wall-clock.ts';

/** A stretch of one day, in milliseconds of the wall clock after its midnight: 0 to 24 hours. */
export interface Span {
  start: number;
  end: number;
}

/** When somebody works. Spans of a day are sorted and don't overlap. */
export interface WorkingCalendar {
  zone: Zone;
  /** Monday first. */
  week: readonly (readonly Span[])[];
  /** What is closed, by `2026-12-25` for one day and by `12-25` for every year. */
  holidays: ReadonlyMap<string, readonly Span[]>;
}

export type WorkingUnit = 'minute' | 'hour' | 'day';
