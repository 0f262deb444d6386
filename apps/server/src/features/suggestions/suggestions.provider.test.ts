import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ConversationsSettings } from '@parley/contract/projects';
import { createTestDatabase } from '@parley/db/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createParley } from '../../app.ts';
import { API_KEY, createTestApp, ManualClock, type TestApp } from '../../testing/test-app.ts';
import { createDrafter } from './drafter.ts';
import {
  completion,
  createTicket,
  type FakeProvider,
  hang,
  notesOf,
  reply,
  setUpAi,
  startProvider,
  suggest,
} from './testing.ts';

const KEY = 'sk-planted-0123456789';

let app: TestApp;
let provider: FakeProvider;
let ticketId: string;

beforeAll(async () => {
  provider = await startProvider();
  app = await createTestApp();
});
afterAll(async () => {
  await app.close();
  await provider.close();
});
beforeEach(async () => {
  provider.requests.length = 0;
  provider.answer = completion('Hello.');
  await useSettings({});
  ticketId = (await createTicket(app)).id;
});

function useSettings(settings: ConversationsSettings): Promise<void> {
  const complete = { ai_base_url: provider.baseUrl, ai_model: 'test-model', ai_api_key: KEY };
  return setUpAi(app, { ...complete, ...settings });
}

async function expectFailure(code: 'validation_error' | 'unknown_error', detail: RegExp): Promise<void> {
  const answer = await suggest(app, ticketId);
  expect(answer).toMatchObject({
    status: 500,
    body: {
      type: 'invalid_request',
      code,
      error_type: code,
      attr: null,
      detail: expect.stringMatching(detail),
    },
  });
  expect(answer.text).not.toContain(KEY);
  expect(await notesOf(app, ticketId)).toEqual([]);
}

describe('settings of the AI provider', () => {
  it.each([
    ['no base URL', { ai_base_url: null }],
    ['no model', { ai_model: null }],
    ['a blank model', { ai_model: '  ' }],
  ])('with %s answer 500 validation_error', async (_, settings) => {
    await useSettings(settings);
    await expectFailure('validation_error', /not set up/);
    expect(provider.requests).toEqual([]);
  });

  it('without a key send none', async () => {
    await useSettings({ ai_api_key: null });
    expect((await suggest(app, ticketId)).status).toBe(200);
    expect(provider.requests[0]?.authorization).toBeUndefined();
  });

  it('take a base URL with a trailing slash, and blanks around the key', async () => {
    await useSettings({ ai_base_url: `${provider.baseUrl}/`, ai_api_key: ` ${KEY}\n` });
    expect((await suggest(app, ticketId)).status).toBe(200);
    expect(provider.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      authorization: `Bearer ${KEY}`,
    });
  });

  it('with credentials in the base URL answer 500 validation_error', async () => {
    await useSettings({ ai_base_url: `http://user:${KEY}@127.0.0.1:${provider.port}/v1` });
    await expectFailure('validation_error', /base URL/);
  });

  it('sealed under another secret answer 500 validation_error', async () => {
    const settings = { ai_base_url: provider.baseUrl, ai_model: 'm', ai_api_key_sealed: 'v1.AAAA' };
    await app.database.kysely
      .updateTable('projects')
      .set({ conversations_settings: JSON.stringify(settings) })
      .where('id', '=', 1)
      .execute();
    await expectFailure('validation_error', /Enter it again/);
    expect(provider.requests).toEqual([]);
  });
});

describe('an AI provider that fails', () => {
  const leak = { error: { message: `Incorrect API key provided: ${KEY}`, type: 'x', code: 'y' } };

  it.each([
    [400, 'validation_error'],
    [401, 'validation_error'],
    [403, 'validation_error'],
    [404, 'validation_error'],
    [408, 'unknown_error'],
    [429, 'unknown_error'],
    [500, 'unknown_error'],
    [503, 'unknown_error'],
  ] as const)('with %i is asked once and gives 500 %s', async (status, code) => {
    provider.answer = reply(status, leak, { 'retry-after': '1' });
    await expectFailure(code, new RegExp(`HTTP ${status}`));
    expect(provider.requests).toHaveLength(1);
  });

  it.each([
    ['no JSON', reply(200, '{"choices": [')],
    ['HTML', reply(200, '<html>', { 'content-type': 'text/html' })],
    ['nothing', reply(200, '')],
    ['another form', reply(200, { choices: 'none' })],
    ['no choice', reply(200, { choices: [] })],
    ['an error that calls itself a success', reply(200, leak)],
  ])('by answering %s gives 500 unknown_error', async (_, answer) => {
    provider.answer = answer;
    await expectFailure('unknown_error', /not be understood/);
  });

  it.each([
    ['an empty text', completion('')],
    ['blanks', completion(' \n\t\0')],
    ['no text', completion(null)],
    [
      'nothing but a tool call',
      completion(null, {
        tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      }),
    ],
  ])('by answering %s gives 500 validation_error', async (_, answer) => {
    provider.answer = answer;
    await expectFailure('validation_error', /empty/);
  });

  it.each([
    ['an endless one', () => undefined],
    ['a small one that unpacks to a huge one', () => gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'))],
  ])('by a huge answer, %s, gives 500 unknown_error', async (_, pack) => {
    const packed = pack();
    provider.answer = (_request, response) => {
      if (packed) return response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour);
      pour();
    };
    await expectFailure('unknown_error', /too long/);
  });

  it('by hanging up gives 500 unknown_error', async () => {
    provider.answer = (request) => request.socket.destroy();
    await expectFailure('unknown_error', /could not be reached/);
  });

  it('by not listening gives 500 unknown_error', async () => {
    const gone = await startProvider();
    await gone.close();
    await useSettings({ ai_base_url: gone.baseUrl });
    await expectFailure('unknown_error', /could not be reached/);
  });

  it('cuts a long suggestion to what a reply can hold', async () => {
    provider.answer = completion(`  ${'a'.repeat(4999)}😀${'b'.repeat(100)}`);
    const { body } = await suggest<{ suggestion: string }>(app, ticketId);
    expect(body.suggestion).toHaveLength(5000);
    expect(await notesOf(app, ticketId)).toMatchObject([{ content: body.suggestion }]);
  });

  it('is not waited for longer than the limit, nor when nobody waits any more', async () => {
    provider.answer = hang;
    const settings = { baseUrl: provider.baseUrl, model: 'm', apiKey: KEY };
    const prompt = { instructions: 'i', data: '{}' };
    const hasty = createDrafter({ allow: ['127.0.0.1'], timeoutMs: 50 });
    await expect(hasty(settings, prompt, new AbortController().signal)).rejects.toMatchObject({
      code: 'unknown_error',
      message: 'The AI provider did not answer in time.',
    });
    await expect(hasty(settings, prompt, AbortSignal.abort())).rejects.toMatchObject({
      code: 'unknown_error',
      message: 'The request was cancelled.',
    });
  });

  it('is hung up on when the client hangs up', async () => {
    const origin = await app.listen();
    provider.answer = hang;
    const arrived = provider.nextRequest();
    const path = `/api/projects/1/conversations/tickets/${ticketId}/suggest_reply/`;
    const headers = { authorization: `Bearer ${API_KEY}` };
    const client = sendRequest(`${origin}${path}`, { method: 'POST', headers });
    client.on('error', () => {});
    client.end();
    const { incoming } = await arrived;
    const hungUp = once(incoming.socket, 'close');
    client.destroy();
    await hungUp;
    expect(await notesOf(app, ticketId)).toEqual([]);
  });
});

describe('where a request to an AI provider may go', () => {
  it('is not what a redirect says, whether that is allowed or private', async () => {
    const target = await startProvider();
    for (const status of [301, 302, 303, 307, 308]) {
      for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
        provider.answer = reply(status, '', {
          location: `http://${host}:${target.port}/v1/chat/completions`,
        });
        await expectFailure('validation_error', /redirects/);
      }
    }
    expect(target.requests).toEqual([]);
    await target.close();
  });

  it.each(['0.0.0.0', '127.0.0.2', '169.254.169.254', '10.0.0.1'])(
    'is not %s where only 127.0.0.1 is allowed',
    async (host) => {
      await useSettings({ ai_base_url: `http://${host}:${provider.port}/v1` });
      await expectFailure('validation_error', /not a public one.*PARLEY_OUTBOUND_ALLOW/);
      expect(provider.requests).toEqual([]);
    },
  );

  it('is nothing private by default', async () => {
    const guarded = await createTestApp({ environment: { PARLEY_OUTBOUND_ALLOW: '' } });
    try {
      for (const host of ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost', '169.254.169.254']) {
        await setUpAi(guarded, {
          ai_base_url: `http://${host}:${provider.port}/v1`,
          ai_model: 'm',
          ai_api_key: KEY,
        });
        const { id } = await createTicket(guarded);
        expect(await suggest(guarded, id)).toMatchObject({
          status: 500,
          body: { code: 'validation_error', detail: expect.stringMatching(/not a public one/) },
        });
      }
      expect(provider.requests).toEqual([]);
    } finally {
      await guarded.close();
    }
  });
});

describe('the log', () => {
  it('says what failed, but never the key or the words of the customer or the provider', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const { database, drop } = await createTestDatabase();
    const { config } = app;
    const parley = await createParley({ config, database, clock: new ManualClock(new Date()), log });
    const logged: TestApp = {
      ...app,
      database,
      parley,
      request: async (method, url, { body } = {}) => {
        const headers = { authorization: `Bearer ${API_KEY}` };
        const answer = await parley.api.inject({
          method: method as 'GET',
          url,
          headers,
          ...(body === undefined ? {} : { payload: body as object }),
        });
        const { statusCode: status, body: text } = answer;
        return { status, text, headers: answer.headers, body: answer.json() };
      },
    };
    const says = `the key ${KEY} and My export fails.`;
    const failures = [
      reply(401, { error: { message: says } }),
      reply(500, says),
      reply(200, says),
      reply(200, { error: { message: says } }),
      reply(302, says, { location: `http://127.0.0.1:1/${KEY}` }),
    ];
    try {
      const settings = { ai_base_url: provider.baseUrl, ai_model: 'm', ai_api_key: KEY };
      await setUpAi(logged, settings);
      const { id } = await createTicket(logged);
      for (const failure of failures) {
        provider.answer = failure;
        expect((await suggest(logged, id)).text).not.toContain(KEY);
      }
      // A header cannot hold this key, and the library's error would quote it.
      await setUpAi(logged, { ...settings, ai_api_key: `${KEY}\n${KEY}` });
      expect((await suggest(logged, id)).text).not.toContain(KEY);
    } finally {
      await parley.stop();
      await drop();
    }
    const text = lines.join('');
    expect(text.match(/request failed/g)).toHaveLength(failures.length + 1);
    expect(text).toContain('the AI provider answered 401');
    expect(text).not.toContain('sk-planted');
    expect(text).not.toContain('export fails');
  });
});
