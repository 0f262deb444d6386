import { readClientBody, tokenOf } from '#platform/http/client-body.ts';

/** A question about flags is short; more than that is a bomb. */
const UNZIPPED_MAX = 256 * 1024;

/** The project's token in a body of `posthog-js`. Undefined where there is none that can be read. */
export async function readClientToken(body: unknown): Promise<string | undefined> {
  const value = await readClientBody(body, UNZIPPED_MAX);
  if (typeof value !== 'object' || value === null) return undefined;
  const { token, api_key: key = token } = value as Record<string, unknown>;
  return tokenOf(key);
}
