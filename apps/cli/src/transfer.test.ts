import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TicketImport } from '@parley/contract/ticket-imports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLines, lineOf } from '../../server/src/features/ticket-imports/testing.ts';
import { addTenant, createTicket, reply, updateTicket } from '../../server/src/testing/fixtures.ts';
import { run, startInstallation } from './testing.ts';

let server: Awaited<ReturnType<typeof startInstallation>>;
let folder: string;
beforeAll(async () => {
  server = await startInstallation();
  folder = await mkdtemp(join(tmpdir(), 'parley-transfer-'));
  for (const email_subject of ['one', 'two\nlines, "quoted"', 'three']) {
    const ticket = await createTicket(server.app, { message: 'Hi', email_subject });
    await reply(server.app, ticket.id, 'Hello');
    // Else it would go on changing while it is exported.
    await updateTicket(server.app, ticket.id, { status: 'pending' });
  }
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const parley = (args: string[], more: Record<string, string | undefined> = {}, input = '') =>
  run(args, { environment: { ...server.environment, ...more }, input });
const file = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFile(file(name), text);

describe('parley export', () => {
  it('writes a file, and goes on with one that broke off', async () => {
    for (const format of ['ndjson', 'csv']) {
      const out = file(`all.${format}`);
      const first = await parley(['export', '--format', format, '--out', out]);
      expect(first, first.err).toMatchObject({ exitCode: 0, out: '' });
      const whole = await readFile(out, 'utf8');
      // In the middle of the last row, of the first one, and of the head.
      for (const length of [whole.length - 10, 700, 20]) {
        await write(`again.${format}.part`, whole.slice(0, length));
        const again = await parley(['export', '--format', format, '--out', file(`again.${format}`)]);
        expect(again.exitCode, again.err).toBe(0);
        expect(await readFile(file(`again.${format}`), 'utf8')).toBe(whole);
      }
    }
  });

  it('takes filters, and writes to the output', async () => {
    const { out, exitCode } = await parley(['export', '--include', 'none', '--filter', 'search=three']);
    expect(exitCode).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).email_subject)).toEqual(['three']);
    expect((await parley(['export', '--filter', 'view=none'])).exitCode).toBe(1);
    expect((await parley(['export', '--filter', 'view'])).exitCode).toBe(2);
    expect((await parley(['export', '--format', 'xml'])).exitCode).toBe(2);
  });
});

describe('parley import', () => {
  it('loads what was exported into another project', async () => {
    const other = await addTenant(server.app, 'Elsewhere');
    const elsewhere = { PARLEY_API_KEY: other.key, PARLEY_PROJECT: String(other.projectId) };
    await parley(['export', '--out', file('moved.ndjson')]);
    const { exitCode, out } = await parley(['import', file('moved.ndjson')], elsewhere);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: '3 lines: 3 created, 0 updated, 0 there already, 0 bad\n',
    });
    const again = await parley(
      ['import', '-', '--json'],
      elsewhere,
      await readFile(file('moved.ndjson'), 'utf8'),
    );
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({ created: 0, skipped: 3, failed: 0, state: 'finished' });
  });

  it('sends a long file in pieces, tells how far it is and lists the bad lines', async () => {
    const lines = Array.from({ length: 2100 }, (_, index) =>
      JSON.stringify(lineOf(index === 1499 ? { id: 'x' } : {})),
    );
    await write('long.ndjson', lines.join('\n'));
    const { exitCode, out, err } = await parley(['import', file('long.ndjson')]);
    expect(exitCode, err).toBe(1);
    expect(err).toMatch(/^1000 lines: 1000 created.*\n2000 lines: 1999 created.*, 1 bad\n$/);
    expect(out).toMatch(
      /^2100 lines: 2099 created, 0 updated, 0 there already, 1 bad\nLINE .*\n1500 +id +invalid_input +bad /,
    );
  });

  it('goes on with an import by its id', async () => {
    const lines = [lineOf(), lineOf(), lineOf()];
    const { id } = await importLines(server.app, lines.slice(0, 1), { query: '?more=true' });
    await write('rest.ndjson', lines.map((line) => JSON.stringify(line)).join('\n'));
    const { exitCode, out } = await parley(['import', file('rest.ndjson'), '--import', id, '--json']);
    expect(exitCode).toBe(0);
    const done: TicketImport = JSON.parse(out);
    expect(done).toMatchObject({ id, created: 3, skipped: 0, last_line: 3, state: 'finished' });
  });

  it('has commands of the operations, too', async () => {
    await write('one.ndjson', `${JSON.stringify(lineOf())}\n`);
    const made = await parley(['ticket-imports', 'create', '--file', file('one.ndjson'), '--json']);
    expect(JSON.parse(made.out)).toMatchObject({ created: 1, state: 'finished' });
    const again = await parley(['api', 'ticket_imports.create', '--body', `@${file('one.ndjson')}`]);
    expect(JSON.parse(again.out)).toMatchObject({ created: 0, skipped: 1 });
  });

  it('says what it cannot do', async () => {
    expect((await parley(['import', file('missing.ndjson')])).exitCode).toBe(1);
    expect((await parley(['import', file('rest.ndjson'), '--import', 'x'])).exitCode).toBe(1);
    expect((await parley(['import', file('rest.ndjson'), '--mode', 'replace'])).exitCode).toBe(2);
    expect((await parley(['import'])).exitCode).toBe(2);
  });
});
