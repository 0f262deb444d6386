import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmptyDatabase, databaseKind, type TestDatabase } from '@parley/db/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess } from './testing/server-process.ts';

const KEY = 'prl_key_for_the_start_up_tests';
const TICKETS = '/api/projects/1/conversations/tickets/';
const TIMEOUT = 180_000;

let dataDir: string;
let database: TestDatabase | undefined;
let environment: Record<string, string>;
const running: ServerProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-start-'));
  environment = { DATA_DIR: dataDir, PARLEY_BOOTSTRAP_API_KEY: KEY };
  if (databaseKind() === 'postgres') {
    database = await createEmptyDatabase();
    environment.DATABASE_URL = database.url ?? '';
    environment.PARLEY_SECRET = 'a secret for tests of at least thirty-two characters';
  }
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop('SIGKILL');
  await database?.drop();
  database = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

function start(more: Record<string, string> = {}, args: string[] = []): ServerProcess {
  const server = startServerProcess({ ...environment, ...more }, args);
  running.push(server);
  return server;
}

async function call(url: string, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { headers, ...init });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
  };
}

describe('starting on an empty database', () => {
  it('makes an organization, an administrator and project 1, and prints how to go on', {
    timeout: TIMEOUT,
  }, async () => {
    const server = start({ PARLEY_BOOTSTRAP_PROJECT_TOKEN: 'prt_of_the_test' });
    const url = await server.url;
    expect((await call(url, '/_health')).body).toEqual({ status: 'ok' });
    const ready = await call(url, '/_ready');
    expect([ready.status, ready.body.checks]).toEqual([
      200,
      { database: 'ok', migrations: 'ok', jobs: 'ok' },
    ]);
    const project = (await call(url, '/api/projects/1/')).body;
    expect(project).toMatchObject({ id: 1, token: 'prt_of_the_test', conversations_enabled: true });
    expect(project.conversations_settings).toMatchObject({ widget_enabled: true, email_enabled: false });
    const organization = (await call(url, `/api/organizations/${project.organization}/`)).body;
    expect(organization.is_ai_data_processing_approved).toBe(false);
    expect((await call(url, TICKETS)).body.count).toBe(0);
    expect((await call(url, '/api/projects/1/conversations/views/')).body.count).toBe(0);
    for (const printed of [url, 'admin@parley.local', 'Password', 'prt_of_the_test']) {
      expect(server.output()).toContain(printed);
    }
    const metrics = (await call(url, '/metrics')).text;
    for (const name of [
      'parley_http_request_seconds_bucket{le="0.005",operation="tickets.list"',
      'parley_database_connections',
      'parley_jobs{',
      'parley_event_lag_seconds',
      'parley_stream_clients',
    ]) {
      expect(metrics).toContain(name);
    }
  });

  it('keeps everything over a stop, a kill and a restart', { timeout: TIMEOUT }, async () => {
    const first = start();
    await call(await first.url, TICKETS, {
      method: 'POST',
      body: JSON.stringify({ message: 'kept over a stop' }),
    });
    expect(await first.stop()).toBe(0);
    const second = start({
      PARLEY_BOOTSTRAP_EMAIL: 'other@example.com',
      PARLEY_BOOTSTRAP_API_KEY: 'prl_not_taken_any_more',
    });
    await call(await second.url, TICKETS, {
      method: 'POST',
      body: JSON.stringify({ message: 'kept over a kill' }),
    });
    expect(await second.stop('SIGKILL')).toBe('SIGKILL');
    const third = start();
    const { results } = (await call(await third.url, TICKETS)).body;
    expect(results.map((ticket: { last_message_text: string }) => ticket.last_message_text)).toEqual([
      'kept over a kill',
      'kept over a stop',
    ]);
  });

  it('fills the demo once', { timeout: TIMEOUT }, async () => {
    const first = start({}, ['--demo']);
    expect((await call(await first.url, TICKETS)).body.count).toBe(200);
    for (const filter of [
      'sla=breached',
      'sla=at-risk',
      'sla=on-track',
      'snoozed=true',
      'channel_source=github',
      'status=resolved',
      'priority=critical',
      'assignee=unassigned',
    ]) {
      expect((await call(await first.url, `${TICKETS}?${filter}`)).body.count, filter).toBeGreaterThan(0);
    }
    expect((await call(await first.url, '/api/projects/1/conversations/views/')).body.count).toBe(6);
    await first.stop();
    const second = start({}, ['--demo']);
    expect((await call(await second.url, TICKETS)).body.count).toBe(200);
  });
});

describe('stopping', () => {
  it('answers what is under way, then ends with 0 within ten seconds', { timeout: TIMEOUT }, async () => {
    const server = start();
    const url = await server.url;
    const stream = await fetch(`${url}/api/projects/1/events/stream/`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    // Slow ones: each computes a password hash. They are sent before the signal, on connections of their own.
    const signIn = {
      method: 'POST',
      body: JSON.stringify({ email: 'admin@parley.local', password: 'not the one' }),
    };
    const requests = Array.from({ length: 8 }, () => call(url, '/api/sessions/', signIn));
    await Promise.race(requests);
    const began = Date.now();
    const [code, answers] = await Promise.all([server.stop(), Promise.all(requests)]);
    expect(code).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 401));
    // The stream was ended, not cut: its reader comes to the end.
    expect(await stream.text()).toContain('event: ready');
  });
});

describe('a configuration that cannot work', () => {
  it('is refused with all its problems at once', async () => {
    const server = start({
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      REDIS_URL: 'http://x',
      PARLEY_ROLES: 'http,cook',
      PARLEY_PUBLIC_URL: 'example.com',
    });
    expect(await server.ended).toBe(1);
    for (const name of ['PORT', 'LOG_LEVEL', 'REDIS_URL', 'PARLEY_ROLES', 'PARLEY_PUBLIC_URL']) {
      expect(server.output()).toContain(`${name}:`);
    }
  });

  it('is refused when an argument is unknown', async () => {
    const server = start({}, ['--domo']);
    expect(await server.ended).toBe(1);
    expect(server.output()).toContain('--domo');
  });

  if (databaseKind() === 'pglite') {
    it('is refused to a second process on the same data folder', { timeout: TIMEOUT }, async () => {
      const first = start();
      await first.url;
      const second = start();
      expect(await second.ended).toBe(1);
      expect(second.output()).toContain('in use by another Parley process');
    });
  } else {
    it('needs a secret with a server', async () => {
      const server = start({ PARLEY_SECRET: '' });
      expect(await server.ended).toBe(1);
      expect(server.output()).toContain('PARLEY_SECRET: is required');
    });
  }
});
