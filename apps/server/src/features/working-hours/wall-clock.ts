import { IANAZone } from 'luxon';

/**
 * What a clock on the wall of a zone shows, as milliseconds since 1970-01-01T00:00 on that clock. Days of it are
 * always 24 hours long, so it can be calculated with; instants can't.
 */
export type WallTime = number;

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** More than any distance between a wall clock and UTC plus the longest gap there was (a day: Samoa in 2011). */
const AROUND_MS = 1.5 * DAY_MS;

export interface Zone {
  /** Milliseconds that the zone's clock is ahead of UTC at an instant. */
  offset(instant: number): number;
}

/** A zone of the IANA list; the caller has checked the name. */
export function openZone(name: string): Zone {
  const zone = IANAZone.create(name);
  return { offset: (instant) => zone.offset(instant) * MINUTE_MS };
}

export function toWall(zone: Zone, instant: number): WallTime {
  return instant + zone.offset(instant);
}

/**
 * The instant at which the zone's clock shows a wall time, and not before `earliest`. A time that the clock shows twice
 * is the first of the two that is late enough; one that it skips is the instant of the skip.
 */
export function toInstant(zone: Zone, wall: WallTime, earliest = Number.NEGATIVE_INFINITY): number {
  const before = zone.offset(wall - AROUND_MS);
  const after = zone.offset(wall + AROUND_MS);
  const shown = [wall - before, wall - after]
    .filter((instant) => toWall(zone, instant) === wall)
    .sort(ascending);
  const last = shown.at(-1);
  if (last !== undefined) return shown.find((instant) => instant >= earliest) ?? last;
  return findSkip(zone, wall - Math.max(before, after), wall - Math.min(before, after), wall);
}

const ascending = (a: number, b: number) => a - b;

/** The instant in (from, to] at which the clock jumps past a wall time. */
function findSkip(zone: Zone, from: number, to: number, wall: WallTime): number {
  let [low, high] = [from - MINUTE_MS, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (toWall(zone, middle) > wall) high = middle;
    else low = middle;
  }
  return high;
}
