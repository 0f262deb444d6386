import type { ProjectSecret } from '@parley/contract/project-secrets';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';

const SECRETS = '/api/projects/1/secrets/';

/** The external address of a ticket. */
export function externalPath(id: string, below = ''): string {
  return `/api/conversations/external/ticket/${id}${below}`;
}

/** A new primary secret of project 1; the one before becomes the backup secret. */
export async function newSecret(app: TestApp): Promise<ProjectSecret & { secret: string }> {
  const answer = await app.request<ProjectSecret & { secret: string }>('POST', `${SECRETS}rotate/`);
  if (answer.status !== 201) throw new Error(`No secret: ${answer.text}`);
  return answer.body;
}

/** Requests with a secret. */
export function withSecret(app: TestApp, secret: string) {
  return <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestResponse<T>> =>
    app.request<T>(method, path, { key: secret, headers, ...(body === undefined ? {} : { body }) });
}
