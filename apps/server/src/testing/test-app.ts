import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@parley/db/database';
import { createTestDatabase } from '@parley/db/testing';
import { createLogger } from '#platform/log.ts';
import { createParley, type Parley } from '../app.ts';
import { type Config, parseConfig, type Role } from '../config.ts';

import { recordStatements } from './recorded-database.ts';
import { assertTenancy } from './tenancy.ts';

export const API_KEY = 'prl_test_key_of_the_bootstrap_administrator';
/** What services sign their tokens with. */
export const SERVICE_SECRET = 'a service secret of tests, long enough to be one';
const PROJECT_TOKEN = 'prt_test_project';
export const ADMIN_EMAIL = 'ada@example.com';
export const ADMIN_PASSWORD = 'correct horse battery';

/** A clock that stands still until it is moved. */
export class ManualClock {
  private at: number;
  constructor(at: Date) {
    this.at = at.getTime();
  }
  now(): Date {
    return new Date(this.at);
  }
  advance(ms: number): void {
    this.at += ms;
  }
}

export interface TestResponse<T> {
  status: number;
  body: T;
  headers: Record<string, unknown>;
  text: string;
}

export interface RequestOptions {
  body?: unknown;
  /** Sent as application/x-www-form-urlencoded. */
  form?: string;
  headers?: Record<string, string>;
  /** Another key than the administrator's; null sends none. */
  key?: string | null;
}

export interface TestApp {
  readonly parley: Parley;
  /** For the test's own statements: these are not recorded. */
  readonly database: Database;
  readonly url: string | undefined;
  readonly clock: ManualClock;
  readonly config: Config & { secret: string };
  /** What the server asked the database, in order. `close` proves that all of it stayed in its project. */
  readonly statements: readonly string[];
  /** One request through the whole server; JSON bodies are parsed. */
  request<T = never>(method: string, path: string, options?: RequestOptions): Promise<TestResponse<T>>;
  /** Starts listening and answers the base URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface TestAppOptions {
  environment?: Record<string, string>;
  now?: Date;
  streamHeartbeatMs?: number;
  webhookTimeoutMs?: number;
  /** Default: all. Without `worker` and `scheduler` jobs and sweeps run only when the test runs them. */
  roles?: readonly Role[];
}

/** A whole Parley on a database of its own, with the administrator's key API_KEY and project 1. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const statements: string[] = [];
  const test = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const database = recordStatements(test.database, (text) => statements.push(text));
  const clock = new ManualClock(options.now ?? new Date('2026-03-02T10:00:00.000Z'));
  const parsed = {
    ...parseConfig({
      PARLEY_BOOTSTRAP_EMAIL: ADMIN_EMAIL,
      PARLEY_BOOTSTRAP_PASSWORD: ADMIN_PASSWORD,
      PARLEY_BOOTSTRAP_API_KEY: API_KEY,
      PARLEY_BOOTSTRAP_PROJECT_TOKEN: PROJECT_TOKEN,
      PARLEY_SERVICE_SECRET: SERVICE_SECRET,
      PARLEY_RATE_LIMITS: 'off',
      PARLEY_OUTBOUND_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'fatal',
      DATA_DIR: dataDir,
      ...options.environment,
    }),
    secret: 'a secret of tests that is long enough to be one',
  };
  const config = { ...parsed, roles: new Set(options.roles ?? parsed.roles) };
  const parley = await createParley({
    config,
    database,
    clock,
    log: createLogger(config.logLevel),
    ...(options.streamHeartbeatMs === undefined ? {} : { streamHeartbeatMs: options.streamHeartbeatMs }),
    ...(options.webhookTimeoutMs === undefined ? {} : { webhookTimeoutMs: options.webhookTimeoutMs }),
  });

  async function request<T>(
    method: string,
    path: string,
    { body, form, headers = {}, key = API_KEY }: RequestOptions = {},
  ) {
    const response = await parley.api.inject({
      method: method as 'GET',
      url: path,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form === undefined ? {} : { payload: form }),
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const isJson = String(response.headers['content-type']).includes('/json') && response.body !== '';
    const parsed = (isJson ? JSON.parse(response.body) : undefined) as T;
    return { status: response.statusCode, body: parsed, headers: response.headers, text: response.body };
  }

  return {
    parley,
    database: test.database,
    url: test.url,
    clock,
    config,
    statements,
    request,
    async listen() {
      await parley.api.listen({ host: '127.0.0.1', port: 0 });
      return `http://127.0.0.1:${(parley.api.server.address() as AddressInfo).port}`;
    },
    async close() {
      await parley.stop();
      await test.drop();
      await rm(dataDir, { recursive: true });
      assertTenancy(statements);
    },
  };
}
