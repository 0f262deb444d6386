import { createHash } from 'node:crypto';
import { DISTINCT_ID_MAX } from '@parley/contract/widget';
import type { SignatureCheck } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import { badFields, notYours } from './widget-error.ts';

/** Who calls, as far as they proved it (widget.md 6). At least one of session and identity is there. */
export interface Visitor {
  /** SHA-256 of the session of a browser. */
  readonly session: Buffer | null;
  /** The id of a person whom the site has signed in. */
  readonly identity: string | null;
  /** An address of theirs that the site vouches for, in lower case. */
  readonly email: string | null;
}

/** What a request says, unchecked. */
export type VisitorFields = Readonly<Record<string, unknown>>;

const HASH = /^[0-9a-f]{64}$/;
const EMAIL_MAX = 254;
/** A signature of an address may be a day ahead, and clocks may differ. */
const CLAIM_SECONDS = 24 * 3600 + 5 * 60;

const isAbsent = (value: unknown): value is undefined | null | '' =>
  value === undefined || value === null || value === '';

/**
 * Finds out who calls. Throws 400 for what cannot be read and 403 for a signature that is not good: it never falls back
 * to the session.
 */
export function readVisitor(fields: VisitorFields, hasSigned: SignatureCheck, now: Date): Visitor {
  const session = readSession(fields.widget_session_id);
  const identity = readIdentity(fields, session !== null, hasSigned);
  if (session === null && identity === null) {
    throw badFields('Send widget_session_id, or identity_distinct_id with identity_hash.');
  }
  return { session, identity, email: readEmail(fields, identity, hasSigned, now) };
}

/** Tells visitors apart in limits and remembered answers, and opens nothing. */
export function visitorKey({ session, identity }: Visitor): string {
  if (identity !== null) return `id:${createHash('sha256').update(identity).digest('base64url')}`;
  return `session:${(session ?? Buffer.alloc(0)).toString('base64url')}`;
}

function readSession(value: unknown): Buffer | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' || !isUuid(value))
    throw invalid('widget_session_id', 'Must be a valid UUID.');
  return sessionHash(value);
}

/** What is stored of a browser's session. */
export function sessionHash(session: string): Buffer {
  return createHash('sha256').update(session.toLowerCase()).digest();
}

function readIdentity(fields: VisitorFields, hasSession: boolean, hasSigned: SignatureCheck): string | null {
  const { identity_distinct_id: id, identity_hash: hash } = fields;
  if (isAbsent(id) && isAbsent(hash)) return null;
  if (isAbsent(id) || isAbsent(hash)) {
    // One without the other is no identity.
    if (hasSession) return null;
    throw badFields('identity_distinct_id and identity_hash go together.');
  }
  if (typeof id !== 'string' || id.trim() === '' || [...id].length > DISTINCT_ID_MAX) {
    throw invalid('identity_distinct_id', `Must be text of 1 to ${DISTINCT_ID_MAX} characters.`);
  }
  if (typeof hash !== 'string' || !HASH.test(hash))
    throw invalid('identity_hash', 'Must be 64 lower-case hexadecimal digits.');
  if (!hasSigned(id, hash)) throw notYours();
  return id;
}

/** A claim that is not good is as good as none; half of one is a mistake of the site. */
function readEmail(
  fields: VisitorFields,
  identity: string | null,
  hasSigned: SignatureCheck,
  now: Date,
): string | null {
  const { identity_email: email, identity_hash_email: hash, identity_exp_email: expiry } = fields;
  if (isAbsent(email) && isAbsent(hash)) return null;
  if (isAbsent(email) || isAbsent(hash))
    throw badFields('identity_email and identity_hash_email go together.');
  if (identity === null) throw badFields('identity_email needs identity_distinct_id and identity_hash.');
  if (typeof email !== 'string' || typeof hash !== 'string') return null;
  const address = email.trim().toLowerCase();
  const ends = String(expiry ?? '');
  if (address === '' || address.length > EMAIL_MAX || !/^[1-9]\d{0,11}$/.test(ends)) return null;
  const left = Number(ends) - now.getTime() / 1000;
  if (left <= 0 || left > CLAIM_SECONDS) return null;
  return hasSigned(['v1', identity, 'email', address, ends].join('\0'), hash) ? address : null;
}
