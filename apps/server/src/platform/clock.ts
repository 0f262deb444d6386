/** The only source of the current time in features; tests inject one they can move (decisions.md 37). */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
