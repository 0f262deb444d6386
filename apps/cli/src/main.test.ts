import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, startInstallation } from './testing.ts';

let server: Awaited<ReturnType<typeof startInstallation>>;
beforeAll(async () => {
  server = await startInstallation();
});
afterAll(() => server.close());

const parley = (args: string[], more: Record<string, string | undefined> = {}, input = '') =>
  run(args, { environment: { ...server.environment, ...more }, input });

describe('errors', () => {
  it('says in one line what the server refused', async () => {
    const update = ['tickets', 'update', '1', '--sla-due-at', 'tomorrow'];
    const created = await parley(['tickets', 'create']);
    expect(created.exitCode).toBe(0);
    const { exitCode, out, err } = await parley(update);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toMatch(/^error: [^\n]*\(invalid_input, sla_due_at\)\n$/);
    const denied = await parley(['tickets', 'list'], { PARLEY_API_KEY: 'prl_wrong' });
    expect(denied).toMatchObject({ exitCode: 1, err: expect.stringMatching(/\(authentication_failed\)\n$/) });
  });

  it('tells a server that is not there from one that refuses', async () => {
    const { exitCode, err } = await parley(['tickets', 'delete', '1'], { PARLEY_URL: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(3);
    expect(err).toMatch(/^error: No answer from http:\/\/127.0.0.1:1: [^\n]+\n$/);
  });

  it.each([
    [['tickets', 'fly']],
    [['tickets', 'get']],
    [['tickets', 'update', '1']],
    [['tickets', 'update', '1', '--status', 'shut']],
    [['tickets', 'update', '1', '--assignee', 'kim']],
    [['tickets', 'tag', '1']],
    [['tickets', 'tag', '1', '--add', 'a', '--set', 'b']],
    [['tickets', 'reply', '1']],
    [['tickets', 'list', '--project', 'mine']],
    [['tickets', 'list', '--url', 'parley']],
    [['keys', 'create', '--email', 'a@example.com']],
    [['keys', 'create', '--email', 'a@example.com', '--scope', 'ticket:fly']],
  ])('takes %j for wrong usage', async (args) => {
    const { exitCode, out, err } = await parley(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(/^error: \S/);
  });

  it('asks for a key before it asks a server', async () => {
    const { exitCode, err } = await parley(['tickets', 'list'], { PARLEY_API_KEY: undefined });
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^error: no API key.*PARLEY_API_KEY/);
  });
});

describe('administration', () => {
  it('makes a user and a key for the installation on this machine', async () => {
    const made = await parley([
      'users',
      'create',
      '--email',
      'Kim@example.com',
      '--level',
      'admin',
      '--json',
    ]);
    expect(made).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(made.out)).toMatchObject({ email: 'kim@example.com', level: 'admin' });
    const args = ['keys', 'create', '--email', 'kim@example.com', '--scope', 'ticket:read', '--project', '1'];
    const key = await parley([...args, '--label', 'Reading', '--json']);
    expect(JSON.parse(key.out)).toMatchObject({
      label: 'Reading',
      scopes: ['ticket:read'],
      project_ids: [1],
    });
    const environment = { PARLEY_API_KEY: JSON.parse(key.out).key };
    expect(await parley(['tickets', 'list'], environment)).toMatchObject({ exitCode: 0 });
    expect(await parley(['tickets', 'create'], environment)).toMatchObject({ exitCode: 1 });
  });

  it('prints for people what it will not show again', async () => {
    const made = await parley(['users', 'create', '--email', 'lee@example.com']);
    expect(made.out).toMatch(
      /^Created lee@example.com \(member\)\.\nThe password, shown this once: \S{24}\n$/,
    );
    const given = await parley(
      ['users', 'create', '--email', 'mo@example.com', '--password', '-'],
      {},
      'long enough\n',
    );
    expect(given.out).toBe('Created mo@example.com (member).\n');
    const again = await parley(['users', 'create', '--email', 'mo@example.com']);
    expect(again).toMatchObject({ exitCode: 1, err: expect.stringMatching(/\(unique, email\)\n$/) });
  });

  it('finds nothing to migrate, and nothing wrong', async () => {
    expect(await parley(['migrate', '--json'])).toMatchObject({
      exitCode: 0,
      out: '{\n  "applied": []\n}\n',
    });
    const { exitCode, out } = await parley(['doctor']);
    expect(out).toMatch(/^ok +node +24/m);
    expect(out).toMatch(/^ok +migrations +all applied$/m);
    expect(exitCode).toBe(0);
  });

  it('fails when the doctor finds a fault', async () => {
    const { exitCode, out, err } = await parley(['doctor', '--json'], { PORT: 'x' });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: '' });
    expect(JSON.parse(out).checks).toContainEqual(
      expect.objectContaining({ name: 'configuration', level: 'fail' }),
    );
  });

  it('needs no installation for what is about another machine', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'parley-cli-'));
    const elsewhere = { DATA_DIR: empty, DATABASE_URL: undefined };
    expect(await parley(['tickets', 'list'], elsewhere)).toMatchObject({ exitCode: 0 });
    expect(await parley(['users', 'create', '--email', 'a@example.com'], elsewhere)).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/\(not_set_up\)\n$/),
    });
    await rm(empty, { recursive: true });
  });
});

describe('views', () => {
  it('lists them', async () => {
    const { body } = await server.app.request<{ short_id: string }>(
      'POST',
      '/api/projects/1/conversations/views/',
      { body: { name: 'Urgent', filters: { priority: ['critical'] } } },
    );
    const { out } = await parley(['views', 'list']);
    expect(out).toMatch(new RegExp(`^${body.short_id} +Urgent +shared +ada@example.com`, 'm'));
    expect(out).toMatch(/^1 of 1 views$/m);
    expect(JSON.parse((await parley(['views', 'list', '--json'])).out)).toMatchObject({ count: 1 });
  });
});
