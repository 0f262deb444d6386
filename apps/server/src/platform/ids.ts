import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { v7 } from 'uuid';

/** A time-ordered UUID (version 7), so that new rows land at the end of their index. */
export function newId(): string {
  return v7();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

const SHORT_ID_ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Eight characters for addresses people see. About 46 bits: unique with an index, not secret. */
export function newShortId(): string {
  let id = '';
  while (id.length < 8) {
    for (const byte of randomBytes(16)) {
      // Bytes past the last whole multiple would favour the first letters.
      if (byte < SHORT_ID_ALPHABET.length * 4 && id.length < 8)
        id += SHORT_ID_ALPHABET[byte % SHORT_ID_ALPHABET.length];
    }
  }
  return id;
}

/** A secret of 256 random bits after a prefix that says what it is. */
export function newToken(prefix: string): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a secret token: enough to recognise it, not to use it. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A random UUID, for names nobody sorts by. */
export function uuid(): string {
  return randomUUID();
}
