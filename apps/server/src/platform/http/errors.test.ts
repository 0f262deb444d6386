import { connect } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTicket, TICKETS, ticketPath } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp, type TestResponse } from '../../testing/test-app.ts';

let app: TestApp;
let id: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ id } = await createTicket(app));
});
afterAll(() => app.close());

/** The one form, whole: four keys, and nothing of how the server is made. */
function expectError(response: TestResponse<unknown>, status: number, type: string, code: string): void {
  expect({ status: response.status, body: response.body }).toEqual({
    status,
    body: { type, code, detail: expect.stringMatching(/^[A-Z].*\.$/), attr: null },
  });
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(response.text).not.toMatch(/node_modules|\.ts:|\bat |stack|FST_|SQL|syntax/i);
}

describe('an address', () => {
  it.each([
    '/',
    '/api/',
    '/api/nothing/',
    `${TICKETS}1/nothing/`,
    `${TICKETS}1/2/3/4/`,
    '/api/projects/1/nothing/',
  ])('nobody serves is 404: %s', async (path) => {
    expectError(await app.request('POST', path, { body: {} }), 404, 'invalid_request', 'not_found');
  });

  it.each(['%zz', '%', '%E0%A4%A', 'x'.repeat(501), 'x'.repeat(5000), '%00', '..%2f..', "1'--"])(
    'that names no ticket is 404: %s',
    async (ref) => {
      expectError(await app.request('GET', ticketPath(ref)), 404, 'invalid_request', 'not_found');
    },
  );

  it.each(['abc', '1.5', '-1', '0', '99999999999', '1e0', '%00', '01', '%201', '@me', "1'", '1,2'])(
    'that names no project is 404: %s',
    async (ref) => {
      const response = await app.request('GET', TICKETS.replace('/1/', `/${ref}/`));
      expectError(response, 404, 'invalid_request', 'not_found');
    },
  );

  it('is the same with and without its trailing slash, and is never redirected', async () => {
    for (const path of [TICKETS, ticketPath(id), ticketPath(id, 'messages/'), `${TICKETS}unread_count/`]) {
      const [with_, without] = [
        await app.request('GET', path),
        await app.request('GET', path.replace(/\/$/, '')),
      ];
      expect([with_.status, without.status]).toEqual([200, 200]);
      expect(without.body).toEqual(with_.body);
    }
  });
});

describe('a method', () => {
  it.each([
    ['PATCH', TICKETS, 'GET, HEAD, POST'],
    ['DELETE', TICKETS, 'GET, HEAD, POST'],
    ['OPTIONS', TICKETS, 'GET, HEAD, POST'],
    ['PROPFIND', TICKETS, 'GET, HEAD, POST'],
    ['POST', `${TICKETS}1/`, 'DELETE, GET, HEAD, PATCH, PUT'],
    ['GET', `${TICKETS}1/reply/`, 'POST'],
    ['GET', `${TICKETS}1/reply`, 'POST'],
    ['DELETE', `${TICKETS}1/messages/?limit=1`, 'GET, HEAD'],
    ['POST', `${TICKETS}1/notes/2/`, 'DELETE, PATCH'],
  ])('nobody serves there is 405 with Allow: %s %s', async (method, path, allow) => {
    const response = await app.request(method, path);
    expectError(response, 405, 'invalid_request', 'method_not_allowed');
    expect(response.headers.allow).toBe(allow);
  });

  it('HEAD answers as GET does, without the body', async () => {
    const response = await app.request('HEAD', ticketPath(id));
    expect([response.status, response.text]).toEqual([200, '']);
    expect((await app.request('HEAD', ticketPath(4711))).status).toBe(404);
  });
});

describe('a body', () => {
  const post = (payload: string | Buffer, type?: string, path = TICKETS) =>
    app.request('POST', path, { body: payload, headers: type ? { 'content-type': type } : {} });
  const JSON_TYPE = 'application/json';
  const FORM = 'application/x-www-form-urlencoded';

  it.each([
    '{"a":',
    '{} x',
    "{'a':1}",
    '{"message":"a\0b"}',
    '\ufeff{}',
    'NaN',
    '{"a":01}',
    '<a/>',
    'undefined',
  ])('that is no JSON is 400: %j', async (payload) => {
    expectError(await post(payload, JSON_TYPE), 400, 'invalid_request', 'parse_error');
  });

  it.each([
    ['arrays', '['.repeat(65) + ']'.repeat(65)],
    ['objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
    ['a megabyte of brackets', '['.repeat(1_000_000)],
    ['a field', `{"anonymous_traits":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('that nests too deeply is 400: %s', async (_name, payload) => {
    expectError(await post(payload, JSON_TYPE), 400, 'invalid_request', 'parse_error');
  });

  it('with a number that none can hold is 400, and names its field', async () => {
    for (const number of ['1e400', '-1e400', '9'.repeat(400)]) {
      const { status, body } = await post(`{"anonymous_traits":{"a":[1,{"n":${number}}]}}`, JSON_TYPE);
      expect([status, body]).toMatchObject([
        400,
        { type: 'validation_error', code: 'max_value', attr: 'anonymous_traits__a__1__n' },
      ]);
    }
    expect((await post('{"anonymous_traits":{"n":1e308,"m":1e-400}}', JSON_TYPE)).status).toBe(201);
  });

  it('with a fault below a long name is told with the beginning of the name', async () => {
    const payload = JSON.stringify({ anonymous_traits: { ['x'.repeat(100_000)]: '\0' } });
    const { body } = await post(payload, JSON_TYPE);
    expect(body).toMatchObject({ attr: `anonymous_traits__${'x'.repeat(182)}` });
  });

  it('may nest 64 levels, and brackets in strings do not count', async () => {
    const deep = `{"anonymous_traits":${'['.repeat(63)}${']'.repeat(63)}}`;
    expect((await post(deep, JSON_TYPE)).status).toBe(201);
    const text = JSON.stringify({ anonymous_traits: { note: `\\"${'['.repeat(500)}` } });
    expect((await post(text, JSON_TYPE)).status).toBe(201);
  });

  it.each(['[]', '[{}]', '"x"', '5', 'true'])('that is no object is 400: %s', async (payload) => {
    expectError(await post(payload, JSON_TYPE), 400, 'validation_error', 'invalid_input');
  });

  it('null is 400; an empty and a missing body are an empty object', async () => {
    expectError(await post('null', JSON_TYPE), 400, 'validation_error', 'null');
    expectError(await post('null', JSON_TYPE, ticketPath(id, 'reply/')), 400, 'validation_error', 'null');
    expect((await post('', JSON_TYPE)).status).toBe(201);
    expect((await post(' \n', JSON_TYPE)).status).toBe(201);
    expect((await post('', FORM)).status).toBe(201);
    expect((await app.request('POST', TICKETS)).status).toBe(201);
  });

  it.each([
    ['text/plain', 'hello'],
    ['application/xml', '<a/>'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json-patch+json', '{}'],
    ['application/jsonp', '{}'],
    ['nonsense', '{}'],
    ['', '{}'],
  ])('of a type nobody reads is 415: %s', async (type, payload) => {
    for (const path of [TICKETS, ticketPath(id, 'reply/'), ticketPath(id, 'restore/')]) {
      expectError(await post(payload, type, path), 415, 'invalid_request', 'unsupported_media_type');
    }
  });

  it('of JSON may name its charset, in any case', async () => {
    expect((await post('{}', 'application/json; charset=utf-8')).status).toBe(201);
    expect((await post('{}', 'APPLICATION/JSON')).status).toBe(201);
  });

  it('of 10 MB is 413, whatever its type', async () => {
    const text = 'x'.repeat(10_000_000);
    for (const [payload, type] of [
      [`{"message":"${text}"}`, JSON_TYPE],
      [`message=${text}`, FORM],
    ] as const) {
      for (const path of [TICKETS, ticketPath(id, 'reply/')]) {
        expectError(await post(payload, type, path), 413, 'invalid_request', 'request_too_large');
      }
    }
  });

  it('is not read from callers who are not let in', async () => {
    const payload = `{"message":"${'x'.repeat(2_000_000)}`;
    const response = await app.request('POST', TICKETS, {
      key: null,
      body: payload,
      headers: { 'content-type': JSON_TYPE },
    });
    expectError(response, 401, 'authentication_error', 'not_authenticated');
  });

  it('cannot reach prototypes', async () => {
    const payload =
      '{"__proto__":{"status":"resolved"},"constructor":{"prototype":{"status":"resolved"}},"anonymous_traits":{"__proto__":{"a":1},"b":2}}';
    const { body } = await post(payload, JSON_TYPE);
    expect(body).toMatchObject({ status: 'new', anonymous_traits: { b: 2 } });
    expect(Object.hasOwn(Object.prototype, 'status')).toBe(false);
  });
});

describe('what goes wrong inside', () => {
  it('is 500 without a word about it', async () => {
    await sql`alter table tickets rename column escalation_reason to gone`.execute(app.database.kysely);
    try {
      for (const path of [TICKETS, ticketPath(id)]) {
        expectError(await app.request('GET', path), 500, 'server_error', 'error');
      }
      const patch = await app.request('PATCH', ticketPath(id), { body: { status: 'open' } });
      expectError(patch, 500, 'server_error', 'error');
    } finally {
      await sql`alter table tickets rename column gone to escalation_reason`.execute(app.database.kysely);
    }
    expect((await app.request('GET', ticketPath(id))).body).toMatchObject({ status: 'new', version: 1 });
  });
});

describe('on the wire', () => {
  let port: number;
  beforeAll(async () => {
    port = Number(new URL(await app.listen()).port);
  });

  /** Everything the server says until it hangs up. */
  const talk = (text: string) =>
    new Promise<{ head: string; body: unknown }>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let heard = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('error', reject).on('close', () => {
        const [head = '', body = ''] = heard.split('\r\n\r\n');
        resolve({ head, body: JSON.parse(body) });
      });
      socket.write(text);
    });
  const request = (line: string, ...headers: string[]) =>
    talk([`${line} HTTP/1.1`, 'host: x', 'connection: close', ...headers, '', ''].join('\r\n'));
  const form = (type: string, code: string) => ({ type, code, detail: expect.any(String), attr: null });

  it('what is no HTTP is 400 in the same form', async () => {
    for (const text of ['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\x16\x03\x01\x02\x00\r\n\r\n']) {
      const { head, body } = await talk(text);
      expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*application\/json/s);
      expect(body).toEqual(form('invalid_request', 'parse_error'));
    }
  });

  it('headers that are too large are 431 in the same form', async () => {
    const { head, body } = await request('GET /', `x: ${'y'.repeat(40_000)}`);
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(body).toEqual(form('invalid_request', 'request_too_large'));
  });

  it('a body that is announced too large is refused before it is sent', async () => {
    const { head, body } = await request(
      `POST ${TICKETS}`,
      `authorization: Bearer ${API_KEY}`,
      'content-type: application/json',
      'content-length: 10000000',
    );
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect(body).toEqual(form('invalid_request', 'request_too_large'));
  });

  it('an address that is no address is 404 in the same form', async () => {
    const { head, body } = await request('GET /api/%zz');
    expect(head).toMatch(/^HTTP\/1\.1 404 /);
    expect(body).toEqual(form('invalid_request', 'not_found'));
  });
});
