import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export interface SecretBox {
  /** Encrypts a text; sealing the same text twice gives two different results. */
  seal(text: string): string;
  /** The text, or undefined when it was sealed under another secret, changed, or is no sealed text at all. */
  open(sealed: string): string | undefined;
}

/**
 * Seals secrets that are kept in the database (mail passwords, tokens of third parties), so that a copy of the
 * database alone gives none away. A sealed text is `v1.<base64url of iv, cipher text and tag>`.
 */
export function createSecretBox(secret: string): SecretBox {
  if (secret === '') throw new Error('A secret box needs a secret that is not empty.');
  const key = Buffer.from(hkdfSync('sha256', secret, '', `parley secret box ${VERSION}`, 32));
  return { seal: (text) => seal(key, text), open: (sealed) => open(key, sealed) };
}

function seal(key: Buffer, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(VERSION));
  const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${body.toString('base64url')}`;
}

function open(key: Buffer, sealed: string): string | undefined {
  if (!sealed.startsWith(`${VERSION}.`)) return undefined;
  const encoded = sealed.slice(VERSION.length + 1);
  const body = Buffer.from(encoded, 'base64url');
  // Node's decoder skips what is not base64url; without this check many spellings would open as one.
  if (body.toString('base64url') !== encoded || body.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, body.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(VERSION))
    .setAuthTag(body.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(body.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
