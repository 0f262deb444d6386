import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, startInstallation } from '../testing.ts';

let server: Awaited<ReturnType<typeof startInstallation>>;
let folder: string;
const tickets: Ticket[] = [];
beforeAll(async () => {
  server = await startInstallation();
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
  for (const message of ['one', 'two', 'three']) {
    const path = '/api/projects/1/conversations/tickets/';
    tickets.push(
      (await server.app.request<Ticket>('POST', path, { body: { message, tags: [message] } })).body,
    );
  }
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const parley = (args: string[], input = '') => run(args, { environment: server.environment, input });

async function json(...args: string[]) {
  const { exitCode, out, err } = await parley([...args, '--json']);
  expect(err).toBe('');
  expect(exitCode).toBe(0);
  return JSON.parse(out);
}

describe('commands from the contract', () => {
  it('take lists and choices as options', async () => {
    const ids = tickets.flatMap(({ id }) => ['--ids', id]);
    const args = [
      'tickets',
      'bulk-update-tags',
      ...ids,
      '--action',
      'add',
      '--tags',
      'vip',
      '--tags',
      'beta',
    ];
    expect((await json(...args)).updated).toHaveLength(3);
    const list = await json('tickets', 'list', '--all-tags', 'vip', '--ids', tickets[0]?.id ?? '');
    expect(list.results).toMatchObject([{ id: tickets[0]?.id, tags: ['beta', 'one', 'vip'] }]);
  });

  it('take parts of objects, JSON, a file and standard input', async () => {
    const view = await json('views', 'create', '--name', 'New', '--filters.status', 'new', '--is-favorited');
    expect(view).toMatchObject({ name: 'New', filters: { status: ['new'] }, is_favorited: true });
    const properties = '{"email":"ada@example.com"}';
    const person = await json('persons', 'upsert', '--distinct-id', 'u1', '--properties', properties);
    expect(person).toMatchObject({ distinct_ids: ['u1'], properties: { email: 'ada@example.com' } });
    const file = join(folder, 'view.json');
    await writeFile(file, '{"name":"From a file","visibility":"private"}');
    expect(await json('views', 'create', '--body', `@${file}`, '--name', 'Laid over')).toMatchObject({
      name: 'Laid over',
      visibility: 'private',
    });
    const piped = await parley(
      ['views', 'update', view.short_id, '--body', '-', '--json'],
      '{"name":"Piped"}',
    );
    expect(JSON.parse(piped.out)).toMatchObject({ short_id: view.short_id, name: 'Piped' });
    expect(await parley(['views', 'delete', view.short_id])).toEqual({
      exitCode: 0,
      out: 'Done.\n',
      err: '',
    });
  });

  it('print a table, and everything with --all', async () => {
    const page = await parley(['tags', 'list', '--limit', '2']);
    expect(page.out).toMatch(/^NAME +CREATED AT\nbeta +\d{4}-\d\d-\d\d \d\d:\d\d\none +.*\n2 of 5\n$/);
    const all = await parley(['tags', 'list', '--limit', '2', '--all']);
    expect(all.out.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'NAME',
      'beta',
      'one',
      'three',
      'two',
      'vip',
      '',
    ]);
    const lines = await parley([
      'tickets',
      'list',
      '--limit',
      '1',
      '--order',
      'ticket_number',
      '--all',
      '--json',
    ]);
    const numbers = lines.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).ticket_number);
    expect(numbers).toEqual(tickets.map(({ ticket_number }) => ticket_number));
    const rows = await parley(['tickets', 'list', '--limit', '1', '--all']);
    expect(rows.out.match(/STATUS/g)).toHaveLength(1);
    expect(rows.out.trim().split('\n')).toHaveLength(4);
  });

  it('create nothing twice under the same key', async () => {
    const args = ['persons', 'upsert', '--distinct-id', 'u2', '--idempotency-key', 'once'];
    expect((await json(...args)).id).toBe((await json(...args)).id);
    const other = await parley([...args, '--is-identified']);
    expect(other).toMatchObject({ exitCode: 1, err: expect.stringContaining('(idempotency_key_reused') });
  });

  it('say what is missing before they ask the server', async () => {
    const { exitCode, out, err } = await parley(['tickets', 'bulk-update-status']);
    expect({ exitCode, out, err }).toEqual({ exitCode: 2, out: '', err: 'error: missing --ids, --status\n' });
  });

  it('print the help of a command', async () => {
    const { exitCode, out } = await parley(['tickets', 'bulk-update-status', '--help']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Usage: parley tickets bulk-update-status \[options\]\n\nSet the status/);
    expect(out).toMatch(/--ids <uuid> +\(required; repeatable\)/);
    expect(out).toMatch(/--status <choice> +\(required\) \(choices: "new", "open",/);
  });
});

describe('api', () => {
  it('calls any operation by its id', async () => {
    const [ticket] = tickets;
    const id = String(ticket?.ticket_number);
    const { out } = await parley(['api', 'tickets.reply', id, '--body', '-'], '{"message":"By id"}');
    expect(JSON.parse(out)).toMatchObject({ content: 'By id', is_private: false });
    const query = ['--query', 'limit=1', '--query', 'search=two'];
    expect(JSON.parse((await parley(['api', 'tickets.list', ...query])).out).results).toHaveLength(1);
    const lines = await parley(['api', 'tickets.list', '--query', 'limit=2', '--all']);
    expect(lines.out.trim().split('\n')).toHaveLength(3);
  });
});

describe('events stream', () => {
  it('prints what has happened, and goes on', async () => {
    const { out } = await run(['events', 'stream', '--last-event-id', '0', '--json'], {
      environment: server.environment,
      until: (text) => text.split('tickets.create').length > 3,
    });
    const events = out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ kind: 'ready' });
    const created = events.filter(({ name }) => name === 'tickets.create').map(({ id }) => id);
    expect(created).toEqual(tickets.map(({ id }) => id));
  });
});
