import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { FILE_MAX } from '@parley/contract/files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addKey, addTenant, addUser } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';
import { PDF, PNG, pathOf, upload, ZIP } from './testing.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'], environment: { PARLEY_PUBLIC_URL: 'https://help.example' } });
});
afterAll(() => app.close());

const HTML = Buffer.from('<!doctype html><script>alert(1)</script>');
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const get = (url: string, headers: Record<string, string> = {}) =>
  app.request('GET', pathOf(url), { key: null, headers });
const incoming = () => readdir(join(app.config.dataDir, 'incoming')).catch(() => []);
const rows = () => app.database.kysely.selectFrom('files').selectAll().execute();

describe('files.upload', () => {
  it('answers what was uploaded, by its bytes', async () => {
    const { status, body } = await upload(app, PNG, 'a photo (1).png');
    expect([status, body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'a photo (1).png',
        media_type: 'image/png',
        size: PNG.length,
        is_image: true,
        width: 2,
        height: 3,
        url: expect.stringMatching(/^https:\/\/help\.example\/files\/[\w-]{43}\/a%20photo%20%281%29\.png$/),
        created_at: '2026-03-02T10:00:00.000Z',
      },
    ]);
    expect(await incoming()).toEqual([]);
  });

  it.each<[string, Buffer, string, boolean]>([
    ['a PDF that is called a picture', PDF, 'application/pdf', false],
    ['an archive', ZIP, 'application/zip', false],
    ['text', Buffer.from('Grüße\n'), 'text/plain; charset=utf-8', false],
    ['a page', HTML, 'text/plain; charset=utf-8', false],
    ['a drawing that can hold scripts', SVG, 'text/plain; charset=utf-8', false],
    ['XML', Buffer.from('<?xml version="1.0"?><a/>'), 'text/plain; charset=utf-8', false],
    [
      'a program',
      Buffer.from('MZ\x90\x00\x03\x00\x00\x00\xff\xff', 'latin1'),
      'application/x-msdownload',
      false,
    ],
    ['bytes', Buffer.from([1, 2, 3, 0, 255]), 'application/octet-stream', false],
    ['a picture with a page behind it', Buffer.concat([PNG, HTML]), 'image/png', true],
  ])('takes %s for what it is', async (_, bytes, media_type, is_image) => {
    const { status, body } = await upload(app, bytes, 'x.png');
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ media_type, is_image, size: bytes.length }),
    ]);
  });

  it.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\a\\b.txt', 'C_a_b.txt'],
    ['![x](http://evil) <b>"\'`.pdf', 'x(http__evil) b.pdf'],
    ['line\nbreak\0\u202e.txt', 'linebreak.txt'],
    ['Grüße 日本.pdf', 'Grüße 日本.pdf'],
    ['..', 'attachment'],
    ['', 'attachment'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('cleans the name %j', async (name, cleaned) => {
    const { body } = await upload(app, PDF, name);
    expect(body.name).toBe(cleaned);
    expect((await get(body.url)).status).toBe(200);
  });

  it('is called an attachment without a name', async () => {
    expect((await upload(app, PDF)).body.name).toBe('attachment');
  });

  it.each<[string, Buffer, number, string]>([
    ['nothing', Buffer.alloc(0), 400, 'empty'],
    ['more than 20 MB', Buffer.alloc(FILE_MAX + 1), 413, 'request_too_large'],
    [
      'what calls itself a picture and is none',
      Buffer.from('ffd8ffe000104a464946000101', 'hex'),
      415,
      'unsupported_media_type',
    ],
  ])('refuses %s, and keeps nothing', async (_, bytes, status, code) => {
    const before = await rows();
    expect(await upload(app, bytes, 'x.png')).toMatchObject({ status, body: { code } });
    expect([await rows(), await incoming()]).toEqual([before, []]);
  });

  it('takes 20 MB', async () => {
    const { body } = await upload(app, Buffer.alloc(FILE_MAX, 7), 'big');
    expect(body.size).toBe(FILE_MAX);
    expect((await get(body.url)).headers['content-length']).toBe(String(FILE_MAX));
  });

  it.each([
    'application/json',
    'application/x-www-form-urlencoded',
    'image/png',
    'multipart/form-data; boundary=x',
  ])('wants plain bytes, not %s', async (type) => {
    const answer = await app.request('POST', '/api/projects/1/conversations/files/', {
      headers: { 'content-type': type },
      body: '{}',
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it('shows a picture that is too large for a screen to nobody', async () => {
    const huge = Buffer.from(PNG);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    const { body } = await upload(app, huge, 'bomb.png');
    expect(body).toMatchObject({ is_image: false, width: 60_000 });
    expect((await get(body.url)).headers['content-disposition']).toMatch(/^attachment;/);
  });

  it('keeps nothing of a client that hangs up', async () => {
    const before = await rows();
    const { port } = new URL(await app.listen());
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /api/projects/1/conversations/files/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${API_KEY}\r\n` +
        `content-type: application/octet-stream\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1000)}`,
    );
    await vi.waitFor(async () => expect(await incoming()).toHaveLength(1), { timeout: 10_000 });
    socket.destroy();
    await vi.waitFor(async () => expect(await incoming()).toEqual([]), { timeout: 10_000 });
    expect(await rows()).toEqual(before);
  });

  it('belongs to nobody of another project', async () => {
    const other = await addTenant(app, 'other');
    expect((await upload(app, PNG, 'a.png', { key: other.key })).status).toBe(404);
    const viewer = await addUser(app, 'viewer@example.com', { access: 'viewer' });
    expect((await upload(app, PNG, 'a.png', { key: await addKey(app, viewer.id) })).status).toBe(403);
    expect((await upload(app, PNG, 'a.png', { key: null })).status).toBe(401);
  });
});

describe('files.download', () => {
  it('shows a picture, and lets nothing in it do anything', async () => {
    const { body } = await upload(app, Buffer.concat([PNG, HTML]), 'Ünï.png');
    const { status, headers } = await get(body.url, { origin: 'https://shop.example' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(body.size),
      'content-disposition': `inline; filename="_n_.png"; filename*=UTF-8''%C3%9Cn%C3%AF.png`,
      'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  it.each([
    ['a page', HTML, 'x.html'],
    ['a drawing', SVG, 'x.svg'],
    ['a PDF', PDF, 'x.pdf'],
  ])('only ever hands out %s', async (_, bytes, name) => {
    const { body } = await upload(app, bytes, name);
    const { headers, text } = await get(body.url);
    expect(headers['content-disposition']).toBe(`attachment; filename="${name}"; filename*=UTF-8''${name}`);
    expect(headers['content-security-policy']).toMatch(/^sandbox;/);
    expect(text).toBe(bytes.toString());
  });

  it('answers HEAD without the bytes, and nothing to who has them', async () => {
    const { body } = await upload(app, PDF, 'x.pdf');
    const head = await app.request('HEAD', pathOf(body.url), { key: null });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', String(PDF.length)]);
    const known = await get(body.url, { 'if-none-match': String(head.headers.etag) });
    expect([known.status, known.text]).toEqual([304, '']);
  });

  it.each([['A'.repeat(43)], ['x'], ['%00'], ["' or 1=1"], ['..%2f..%2fetc']])(
    'knows no file by the token %j',
    async (token) => {
      const answer = await app.request('GET', `/files/${token}/x.png`, { key: null });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, '*']);
      expect(answer.headers['cache-control']).toBeUndefined();
    },
  );
});
