import { type Actor, userOf } from '#platform/actor.ts';

const USER_ID = /^[1-9]\d{0,9}$/;
const MAX_INTEGER = 2 ** 31 - 1;

/** A user's number in a path; `@me` is the caller. Undefined when it can be nobody's. */
export function parseUserId(actor: Actor, ref: string): number | undefined {
  if (ref === '@me') return userOf(actor)?.id;
  const id = USER_ID.test(ref) ? Number(ref) : 0;
  return id > 0 && id <= MAX_INTEGER ? id : undefined;
}
