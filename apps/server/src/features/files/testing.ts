import type { StoredFile } from '@parley/contract/files';
import type { Fields } from '#features/widget/testing.ts';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';

/** Two pixels wide, three high. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGP4z8AARAwoFABE0AX7pM/egAAAAABJRU5ErkJggg==',
  'base64',
);
export const PDF = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');
/** An archive with nothing in it. */
export const ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

const BYTES = { 'content-type': 'application/octet-stream' };

/** Uploads as somebody of the team. */
export function upload<T = StoredFile>(
  app: TestApp,
  body: Buffer,
  name?: string,
  { key, project = 1 }: { key?: string | null; project?: number } = {},
): Promise<TestResponse<T>> {
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  return app.request<T>('POST', `/api/projects/${project}/conversations/files/${query}`, {
    headers: BYTES,
    body,
    ...(key === undefined ? {} : { key }),
  });
}

/** Uploads as a visitor of a page with this token. */
export function uploadAs<T = StoredFile>(
  app: TestApp,
  token: string,
  visitor: Fields,
  body: Buffer,
  name = 'a.png',
): Promise<TestResponse<T>> {
  const fields = new URLSearchParams(Object.entries(visitor).map(([field, value]) => [field, String(value)]));
  return app.request<T>('POST', `/api/conversations/v1/widget/files?name=${encodeURIComponent(name)}`, {
    key: null,
    headers: {
      ...BYTES,
      'x-conversations-token': token,
      'x-conversations-visitor': fields.toString(),
    },
    body,
  });
}

/** Path and query of an address of this server. */
export function pathOf(url: string): string {
  return new URL(url).pathname;
}
