import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);
/** A question about flags is short; more than that is a bomb. */
const UNZIPPED_MAX = 256 * 1024;
const TOKEN_MAX = 256;

/**
 * The project's token in a body as clients of different age send it: JSON, the same in base64 in a form, or zipped.
 * Undefined where there is none that can be read.
 */
export async function readClientToken(body: unknown): Promise<string | undefined> {
  const text = await readText(body);
  if (text === undefined) return undefined;
  const data = /^data=/.test(text) ? new URLSearchParams(text).get('data') : text;
  for (const json of [data ?? '', Buffer.from(data ?? '', 'base64').toString()]) {
    const token = tokenOf(json);
    if (token !== undefined) return token;
  }
  return undefined;
}

async function readText(body: unknown): Promise<string | undefined> {
  if (typeof body === 'string') return body;
  if (!Buffer.isBuffer(body)) return undefined;
  const isZipped = body[0] === 0x1f && body[1] === 0x8b;
  if (!isZipped) return body.toString();
  try {
    return (await unzip(body, { maxOutputLength: UNZIPPED_MAX })).toString();
  } catch {
    return undefined;
  }
}

function tokenOf(json: string): string | undefined {
  try {
    const { token, api_key: key = token } = JSON.parse(json) ?? {};
    return typeof key === 'string' && key.length <= TOKEN_MAX && !key.includes('\0') ? key : undefined;
  } catch {
    return undefined;
  }
}
