import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parsePageJson } from './json-body.ts';

const unzip = promisify(gunzip);

/**
 * What a body of `posthog-js` says, as clients of different age send it: JSON, the same in base64 in a form, or zipped.
 * `most` bounds it unzipped, in bytes. Undefined for what cannot be read.
 */
export async function readClientBody(body: unknown, most: number): Promise<unknown> {
  const text = await readText(body, most);
  if (text === undefined) return undefined;
  const data = text.startsWith('data=') ? (new URLSearchParams(text).get('data') ?? '') : text;
  return parsePageJson(data) ?? parsePageJson(Buffer.from(data, 'base64').toString());
}

const TOKEN_MAX = 256;

/** The token of a project, as far as one can be looked up. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= TOKEN_MAX ? value : undefined;
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
