import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/**
 * What a body of `posthog-js` says, as clients of different age send it: JSON, the same in base64 in a form, or zipped.
 * `most` bounds it unzipped, in bytes. Undefined for what cannot be read.
 */
export async function readClientBody(body: unknown, most: number): Promise<unknown> {
  const text = await readText(body, most);
  if (text === undefined) return undefined;
  const data = text.startsWith('data=') ? (new URLSearchParams(text).get('data') ?? '') : text;
  return parse(data) ?? parse(Buffer.from(data, 'base64').toString());
}

async function readText(body: unknown, most: number): Promise<string | undefined> {
  if (typeof body === 'string') return body.length <= most ? body : undefined;
  if (!Buffer.isBuffer(body)) return undefined;
  const isZipped = body[0] === 0x1f && body[1] === 0x8b;
  if (!isZipped) return body.length <= most ? body.toString() : undefined;
  try {
    return (await unzip(body, { maxOutputLength: most })).toString();
  } catch {
    return undefined;
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
