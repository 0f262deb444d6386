import { once } from 'node:events';
import { request } from 'node:http';
import type { ErrorBody } from '@parley/contract/errors';
import type { TicketImport } from '@parley/contract/ticket-imports';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTicket, TICKETS } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';
import { importLines, lineOf, postLines } from './testing.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  url = `${await app.listen()}${TICKETS}import/`;
});
afterAll(() => app.close());

function open(query = '') {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/x-ndjson' };
  const upload = request(`${url}${query}`, { method: 'POST', headers });
  upload.on('error', () => {});
  return upload;
}
const textOf = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const imports = () =>
  app.database.kysely
    .selectFrom('ticket_imports')
    .selectAll()
    .where('project_id', '=', 1)
    .orderBy('id')
    .execute();

describe('a file that breaks off', () => {
  it('is loaded up to its last whole line, and goes on from there', async () => {
    const lines = Array.from({ length: 250 }, () => lineOf());
    const text = textOf(lines);
    const half = text.indexOf('\n', text.length / 2) + 10;
    const whole = text.slice(0, half).split('\n').length - 1;
    const upload = open();
    upload.write(text.slice(0, half));
    await vi.waitFor(async () => expect((await imports())[0]?.created).toBe(100), { timeout: 20_000 });
    upload.destroy();
    const broken = await vi.waitFor(
      async () => {
        const [row] = await imports();
        expect(row?.state).toBe('interrupted');
        return row;
      },
      { timeout: 20_000 },
    );
    expect(broken).toMatchObject({ created: whole, last_line: whole, failed: 0 });
    const done = await importLines(app, lines, { query: `?import=${broken?.id}` });
    expect(done).toMatchObject({ state: 'finished', created: 250, skipped: 0, failed: 0, last_line: 250 });
  });

  it('never says that lines are done which the database had no time for', async () => {
    const lines = Array.from({ length: 230 }, (_, index) =>
      lineOf(index === 150 ? { email_subject: 'slow' } : {}),
    );
    await app.database.script(`
      create function be_slow() returns trigger language plpgsql as
        $$ begin raise exception 'too slow' using errcode = 'query_canceled'; end $$;
      create trigger tickets__slow before insert on tickets for each row
        when (new.email_subject = 'slow') execute function be_slow();`);
    const answer = await postLines<ErrorBody>(app, lines);
    expect(answer).toMatchObject({ status: 503, body: { code: 'not_ready' } });
    const broken = (await imports()).at(-1);
    expect(broken).toMatchObject({ state: 'interrupted', created: 100, last_line: 100, failed: 0 });
    await app.database.script('drop trigger tickets__slow on tickets');
    const done = await importLines(app, lines, { query: `?import=${broken?.id}` });
    expect(done).toMatchObject({ state: 'finished', created: 230, skipped: 0, failed: 0, last_line: 230 });
  });

  it('loses one line where the database refuses one for what it holds', async () => {
    const lines = Array.from({ length: 5 }, (_, index) =>
      lineOf(index === 2 ? { email_subject: 'odd' } : {}),
    );
    await app.database.script(`alter table tickets add constraint no_odd check (email_subject <> 'odd')`);
    const done = await importLines(app, lines);
    await app.database.script('alter table tickets drop constraint no_odd');
    expect(done).toMatchObject({ created: 4, failed: 1, last_line: 5 });
    expect(done.problems).toMatchObject([{ line: 3, code: 'invalid_input', loaded: false }]);
  });

  it('is refused where another request goes on with it, and nothing is loaded twice', async () => {
    const { id } = await importLines(app, [lineOf()], { query: '?more=true' });
    const [first, second] = [open(`?import=${id}&start_line=2`), open(`?import=${id}&start_line=2`)];
    const lines = textOf(Array.from({ length: 20 }, () => lineOf()));
    const statuses = await Promise.all(
      [first, second].map(async (upload) => {
        upload.end(lines);
        const [response] = await once(upload, 'response');
        response.resume();
        return Number(response.statusCode);
      }),
    );
    // Whoever came second either met the first one, or found all of it done.
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    const shown = await app.request<TicketImport>('GET', `${TICKETS}import/${id}/`);
    expect(shown.body).toMatchObject({ created: 21, failed: 0, last_line: 21 });
  });

  it('meets people who create tickets meanwhile, and no number is given twice', async () => {
    const start = (await createTicket(app, {})).ticket_number;
    const lines = Array.from({ length: 60 }, (_, index) => lineOf({ ticket_number: start + 1 + index * 2 }));
    const [done, ...tickets] = await Promise.all([
      importLines(app, lines),
      ...Array.from({ length: 30 }, () => createTicket(app, {})),
    ]);
    expect(done).toMatchObject({ created: 60, failed: 0 });
    const rows = await app.database.kysely
      .selectFrom('tickets')
      .select('ticket_number')
      .where('project_id', '=', 1)
      .execute();
    expect(new Set(rows.map((row) => row.ticket_number)).size).toBe(rows.length);
    expect(tickets).toHaveLength(30);
  });
});
