import type { ImportedTicket, TicketImport } from '@parley/contract/ticket-imports';
import { newId } from '#platform/ids.ts';
import { TICKETS } from '../../testing/fixtures.ts';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';

/** A line with only what must be there, and what a test is about. */
export function lineOf(more: Partial<ImportedTicket> & Record<string, unknown> = {}) {
  return { id: newId(), created_at: '2025-06-01T08:00:00.000Z', ...more };
}

/** Sends lines; texts are sent as they are, objects as JSON. */
export function postLines<T = TicketImport>(
  app: TestApp,
  lines: readonly (object | string)[],
  { query = '', base = TICKETS, key }: { query?: string; base?: string; key?: string } = {},
): Promise<TestResponse<T>> {
  const body = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  return app.request<T>('POST', `${base}import/${query}`, {
    body,
    headers: { 'content-type': 'application/x-ndjson' },
    ...(key === undefined ? {} : { key }),
  });
}

/** As `postLines`; throws unless it is a 201. */
export async function importLines(
  app: TestApp,
  lines: readonly (object | string)[],
  options: { query?: string; base?: string; key?: string } = {},
): Promise<TicketImport> {
  const answer = await postLines(app, lines, options);
  if (answer.status !== 201) throw new Error(`The import answered ${answer.status}: ${answer.text}`);
  return answer.body;
}
