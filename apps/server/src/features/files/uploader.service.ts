import { createHash } from 'node:crypto';
import { type Actor, requireUser } from '#platform/actor.ts';

/** The uploader that somebody of the team is, with whatever key. */
export function teamUploader(actor: Actor): string {
  return `user:${requireUser(actor).id}`;
}

interface Visitor {
  session: Buffer | null;
  identity: string | null;
}

/** The uploaders that a visitor is: the person first, and the browser, as which they may have begun. */
export function visitorUploaders({ session, identity }: Visitor): [string, ...string[]] {
  const person =
    identity === null ? [] : [`person:${createHash('sha256').update(identity).digest('base64url')}`];
  const browser = session === null ? [] : [`session:${session.toString('base64url')}`];
  const [first, ...others] = [...person, ...browser];
  if (first === undefined) throw new Error('A visitor is nobody.');
  return [first, ...others];
}
