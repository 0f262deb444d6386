import type { StoredFile } from '@parley/contract/files';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendDueReplies } from '#features/scheduled-replies/scheduled-replies.sweep.service.ts';
import { ticketJobs } from '#features/tickets/tickets.jobs.ts';
import {
  browser,
  newIdentitySecret,
  openPage,
  type Page,
  person,
  type WidgetError,
  widgetToken,
} from '#features/widget/testing.ts';
import { runJob } from '#platform/jobs/worker.ts';
import { createLogger } from '#platform/log.ts';
import { createStorage } from '#platform/storage/create-storage.ts';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  createTicket,
  listMessages,
  SYSTEM,
  ticketPath,
} from '../../testing/fixtures.ts';
import { type S3Server, startS3Server } from '../../testing/s3-server.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { purgeFiles, UNHELD_KEPT_MS } from './files.purge.ts';
import { PDF, PNG, pathOf, upload, uploadAs, ZIP } from './testing.ts';

let app: TestApp;
let s3: S3Server;
let page: Page;
let token: string;
let secret: string;
beforeAll(async () => {
  s3 = await startS3Server();
  const { credentials, ...config } = s3.config;
  app = await createTestApp({
    roles: ['http'],
    environment: {
      PARLEY_PUBLIC_URL: 'https://help.example',
      PARLEY_S3_BUCKET: config.bucket,
      PARLEY_S3_REGION: config.region,
      PARLEY_S3_ENDPOINT: String(config.endpoint),
      PARLEY_S3_ACCESS_KEY_ID: String(credentials?.accessKeyId),
      PARLEY_S3_SECRET_ACCESS_KEY: String(credentials?.secretAccessKey),
    },
  });
  token = await widgetToken(app);
  page = openPage(app, token);
  secret = await newIdentitySecret(app);
});
afterAll(async () => {
  await app.close();
  await s3.close();
});

let ticket: string;
beforeEach(async () => {
  ({ id: ticket } = await createTicket(app));
});

const run = <T>(work: Parameters<typeof app.parley.unitOfWork.run<T>>[1]) =>
  app.parley.unitOfWork.run(SYSTEM, work);
const made = async (bytes: Buffer, name: string): Promise<StoredFile> =>
  (await upload(app, bytes, name)).body;
const reply = <T = Message>(body: object, key?: string) =>
  app.request<T>('POST', ticketPath(ticket, 'reply/'), { body, ...(key === undefined ? {} : { key }) });
const isThere = async ({ url }: StoredFile) =>
  (await app.request('GET', pathOf(url), { key: null })).status === 200;

/** Removes what is due, as the scheduler does. */
async function purge(): Promise<void> {
  const storage = await createStorage(app.config);
  while (await purgeFiles(run, storage));
}

describe('tickets.reply with files', () => {
  it('shows pictures and links to others, after the text, in both forms', async () => {
    const [pdf, png] = [await made(PDF, 'plan (1).pdf'), await made(PNG, 'a.png')];
    const { status, body } = await reply({ message: 'Two\nlines\n\nand more', file_ids: [pdf.id, png.id] });
    expect(status).toBe(201);
    expect(body.content).toBe(`Two\nlines\n\nand more\n\n![a.png](${png.url})\n\n[plan (1).pdf](${pdf.url})`);
    expect(body.rich_content).toEqual({
      type: 'doc',
      content: [
        {
          type: 'paragraph',
          content: [{ type: 'text', text: 'Two' }, { type: 'hardBreak' }, { type: 'text', text: 'lines' }],
        },
        { type: 'paragraph', content: [{ type: 'text', text: 'and more' }] },
        { type: 'image', attrs: { src: png.url, alt: 'a.png' } },
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'plan (1).pdf', marks: [{ type: 'link', attrs: { href: pdf.url } }] },
          ],
        },
      ],
    });
  });

  it('puts them behind a document that is there', async () => {
    const png = await made(PNG, 'a.png');
    const rich_content = { type: 'doc', content: [{ type: 'paragraph' }] };
    const { body } = await reply({ message: 'x', rich_content, file_ids: [png.id] });
    expect(body.rich_content).toEqual({
      type: 'doc',
      content: [{ type: 'paragraph' }, { type: 'image', attrs: { src: png.url, alt: 'a.png' } }],
    });
  });

  it('may say nothing besides, but not nothing at all', async () => {
    const { id, url } = await made(ZIP, 'a.zip');
    expect(await reply({ message: ' ', file_ids: [id] })).toMatchObject({
      status: 201,
      body: { content: `[a.zip](${url})` },
    });
    for (const file_ids of [[], undefined])
      expect(await reply({ message: ' ', file_ids })).toMatchObject({
        status: 400,
        body: { code: 'blank', attr: 'message' },
      });
  });

  it('is found by has:attachment', async () => {
    const search = async () =>
      (
        await app.request<{ results: { ticket: { id: string } }[] }>(
          'GET',
          '/api/projects/1/conversations/search/?q=has%3Aattachment',
        )
      ).body.results.map((hit) => hit.ticket.id);
    expect(await search()).not.toContain(ticket);
    await reply({ message: 'x', file_ids: [(await made(PDF, 'a.pdf')).id] });
    expect(await search()).toContain(ticket);
  });

  it('answers the same words with the same files with the first message', async () => {
    const { id } = await made(PDF, 'a.pdf');
    const first = await reply({ message: 'Same', file_ids: [id] });
    const second = await reply({ message: 'Same', file_ids: [id] });
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
    expect(await listMessages(app, ticket)).toHaveLength(1);
  });

  it('takes a file once, and only of the one who uploaded it, in this project', async () => {
    const held = await made(PDF, 'held.pdf');
    await reply({ message: 'First', file_ids: [held.id] });
    const colleague = await addKey(app, (await addUser(app, `c-${ticket}@example.com`)).id);
    const other = await addTenant(app, `t-${ticket}`);
    const refused = (attr: string, code: string) => ({ status: 400, body: { attr, code } });
    expect(await reply({ message: 'Second', file_ids: [held.id] })).toMatchObject(
      refused('file_ids', 'unique'),
    );
    const mine = await made(PDF, 'mine.pdf');
    expect(await reply({ message: 'x', file_ids: [mine.id] }, colleague)).toMatchObject(
      refused('file_ids', 'does_not_exist'),
    );
    const theirs = (await upload(app, PDF, 'theirs.pdf', { key: other.key, project: other.projectId })).body;
    const visitors = (await uploadAs(app, token, browser(), PNG)).body;
    for (const id of [theirs.id, visitors.id, crypto.randomUUID()])
      expect(await reply({ message: 'x', file_ids: [id] })).toMatchObject(
        refused('file_ids', 'does_not_exist'),
      );
    expect(await reply({ message: 'x', file_ids: ['x'] })).toMatchObject({ status: 400 });
    expect(await reply({ message: 'x', file_ids: Array(21).fill(mine.id) })).toMatchObject({ status: 400 });
    expect(await listMessages(app, ticket)).toHaveLength(1);
  });

  it('waits with the reply', async () => {
    const png = await made(PNG, 'later.png');
    const send_at = new Date(app.clock.now().getTime() + 3 * UNHELD_KEPT_MS).toISOString();
    expect((await reply({ message: 'Later', file_ids: [png.id], send_at })).status).toBe(202);
    app.clock.advance(2 * UNHELD_KEPT_MS);
    await purge();
    expect(await isThere(png)).toBe(true);
    app.clock.advance(2 * UNHELD_KEPT_MS);
    await sendDueReplies((work, actor = SYSTEM) => app.parley.unitOfWork.run(actor, work));
    expect((await listMessages(app, ticket)).map(({ content }) => content)).toEqual([
      `Later\n\n![later.png](${png.url})`,
    ]);
    await purge();
    expect(await isThere(png)).toBe(true);
  });

  it('is for keys that may reply', async () => {
    const key = await addAdminKey(app, ['ticket:reply']);
    const { body } = await upload(app, PNG, 'a.png', { key });
    expect((await reply({ message: 'x', file_ids: [body.id] }, key)).status).toBe(201);
    expect((await upload(app, PNG, 'a.png', { key: await addAdminKey(app, ['ticket:read']) })).status).toBe(
      403,
    );
  });
});

describe('files that no message holds', () => {
  it('go after a day, with their bytes; others stay', async () => {
    const [left, linked, sent] = [
      await made(PDF, 'l.pdf'),
      await made(PDF, 'k.pdf'),
      await made(PDF, 's.pdf'),
    ];
    await reply({ message: 'x', file_ids: [sent.id] });
    await reply({ message: `See ${linked.url}`, is_private: true });
    app.clock.advance(UNHELD_KEPT_MS - 60_000);
    await purge();
    expect(await isThere(left)).toBe(true);
    app.clock.advance(120_000);
    const before = s3.objects.size;
    await purge();
    expect([await isThere(left), await isThere(linked), await isThere(sent)]).toEqual([false, true, true]);
    expect(s3.objects.has(`1/${left.id}`)).toBe(false);
    expect(s3.objects.size).toBeLessThan(before);
    expect(await reply({ message: 'x', file_ids: [left.id] })).toMatchObject({ status: 400 });
  });

  it('stay while a draft links to them', async () => {
    const { url } = await made(PNG, 'd.png');
    const draft = {
      message: '',
      rich_content: { type: 'doc', content: [{ type: 'image', attrs: { src: url } }] },
    };
    await app.request('PUT', ticketPath(ticket, 'draft/'), { body: draft });
    app.clock.advance(2 * UNHELD_KEPT_MS);
    await purge();
    expect((await app.request('GET', pathOf(url), { key: null })).status).toBe(200);
    await app.request('DELETE', ticketPath(ticket, 'draft/'));
    await purge();
    expect((await app.request('GET', pathOf(url), { key: null })).status).toBe(404);
  });

  it('go with the ticket whose message held them', async () => {
    const file = await made(PDF, 'x.pdf');
    await reply({ message: 'x', file_ids: [file.id] });
    await app.request('DELETE', ticketPath(ticket));
    app.clock.advance(40 * UNHELD_KEPT_MS);
    const signal = new AbortController().signal;
    const context = { run, log: createLogger('fatal'), signal };
    await runJob(ticketJobs.purge, {}, context);
    await purge();
    expect([await isThere(file), s3.objects.has(`1/${file.id}`)]).toEqual([false, false]);
  });

  it('are found again when the storage failed on the way in or out', async () => {
    s3.failNext(100);
    expect(await upload(app, PDF, 'x.pdf')).toMatchObject({ status: 503, body: { code: 'not_ready' } });
    s3.failNext(0);
    const file = await made(PDF, 'y.pdf');
    s3.failNext(100);
    const answer = await app.request('GET', pathOf(file.url), { key: null });
    expect([answer.status, answer.headers['cache-control']]).toEqual([503, undefined]);
    app.clock.advance(2 * UNHELD_KEPT_MS);
    await expect(purge()).rejects.toThrow();
    // Out of use already, so that no message can take it while its bytes go.
    s3.failNext(0);
    expect(await reply({ message: 'x', file_ids: [file.id] })).toMatchObject({ status: 400 });
    await purge();
    const left = await app.database.kysely
      .selectFrom('files')
      .select('id')
      .where('message_id', 'is', null)
      .execute();
    expect(left).toEqual([]);
  });
});

describe('widget.upload_file', () => {
  it('goes with a message of the same visitor, to a new ticket or one of theirs', async () => {
    const visitor = browser();
    const first = (await uploadAs(app, token, visitor, PNG, 'a.png')).body;
    const sent = await page.send(visitor, { message: '', file_ids: [first.id] });
    expect(sent.status).toBe(200);
    const second = (await uploadAs(app, token, visitor, PDF, 'b.pdf')).body;
    await page.send(visitor, { message: 'And', ticket_id: sent.body.ticket_id, file_ids: [second.id] });
    const { body } = await page.messages(visitor, sent.body.ticket_id);
    expect(body.messages.map(({ content }) => content)).toEqual([
      `![a.png](${first.url})`,
      `And\n\n[b.pdf](${second.url})`,
    ]);
    expect(body.messages[0]?.rich_content).toMatchObject({ content: [{ type: 'image' }] });
    expect(await isThere(second)).toBe(true);
  });

  it('is the person’s who signed in after it', async () => {
    const visitor = browser();
    const file = (await uploadAs(app, token, visitor, PNG, 'a.png')).body;
    const both = { ...visitor, ...person(secret, `ada-${ticket}`) };
    expect((await page.send(both, { message: 'x', file_ids: [file.id] })).status).toBe(200);
  });

  it.each<[string, Buffer]>([
    ['a program', Buffer.from('MZ\x90\x00\x03\x00\x00\x00\xff\xff', 'latin1')],
    ['bytes that are nothing', Buffer.from([1, 2, 3, 0, 255])],
    ['a sound', Buffer.from('ID3\x03\x00\x00\x00\x00\x00\x00', 'latin1')],
  ])('refuses %s', async (_, bytes) => {
    expect(await uploadAs<WidgetError>(app, token, browser(), bytes)).toMatchObject({
      status: 415,
      body: { detail: expect.stringContaining('images, PDF, text and zip') },
      headers: { 'access-control-allow-origin': '*' },
    });
  });

  it('lets nobody send what another uploaded, nor the same twice', async () => {
    const visitor = browser();
    const file = (await uploadAs(app, token, visitor, PNG, 'a.png')).body;
    const team = await made(PNG, 'team.png');
    for (const stranger of [browser(), person(secret, `bob-${ticket}`)])
      expect(
        await page.send(stranger, { message: 'x', distinct_id: 'x', file_ids: [file.id] }),
      ).toMatchObject({
        status: 400,
      });
    expect((await page.send(visitor, { message: 'x', file_ids: [team.id] })).status).toBe(400);
    expect((await page.send(visitor, { message: 'x', file_ids: [file.id] })).status).toBe(200);
    expect((await page.send(visitor, { message: 'y', file_ids: [file.id] })).status).toBe(400);
  });

  it('wants a visitor and a token', async () => {
    expect((await uploadAs(app, 'phc_nobody', browser(), PNG)).status).toBe(403);
    expect((await uploadAs(app, token, {}, PNG)).status).toBe(400);
    expect((await uploadAs(app, token, { ...person('wrong', 'ada') }, PNG)).status).toBe(403);
  });

  it('waits only so long for so much', async () => {
    const visitor = browser();
    for (let sent = 0; sent < 40; sent += 1)
      expect((await uploadAs(app, token, visitor, Buffer.from(`${sent}`), 'a.txt')).status).toBe(201);
    expect((await uploadAs(app, token, visitor, PNG)).status).toBe(409);
    expect((await uploadAs(app, token, browser(), PNG)).status).toBe(201);
  });
});
