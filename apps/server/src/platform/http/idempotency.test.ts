import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from '#platform/jobs/worker.ts';
import { createLogger } from '#platform/log.ts';
import { prune } from '#platform/prune.jobs.ts';
import {
  addAdminKey,
  addEmailConfig,
  addTenant,
  adminId,
  createTicket,
  listMessages,
  SYSTEM,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';

const HOUR = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

interface Options {
  path?: string;
  apiKey?: string;
}
const send = (idempotencyKey: string, body: unknown, { path = TICKETS, apiKey = API_KEY }: Options = {}) =>
  app.request<Ticket>('POST', path, {
    body,
    key: apiKey,
    headers: { 'idempotency-key': idempotencyKey },
  });
const countTickets = async () =>
  (await app.database.kysely.selectFrom('tickets').select('id').execute()).length;
const reused = {
  status: 409,
  body: { type: 'invalid_request', code: 'idempotency_key_reused', attr: null },
};

describe('Idempotency-Key', () => {
  it('gives the first answer again, byte for byte, and does nothing', async () => {
    const first = await send('again', { message: 'Hello', tags: ['a'] });
    const before = await countTickets();
    await app.request('PATCH', ticketPath(first.body.id), { body: { status: 'resolved' } });
    app.clock.advance(23 * HOUR);
    const second = await send('again', { message: 'Hello', tags: ['a'] });
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(await countTickets()).toBe(before);
  });

  it('is refused with another body or another path', async () => {
    const [one, other] = [await createTicket(app), await createTicket(app)];
    await send('other', { message: 'Hello' });
    expect(await send('other', { message: 'Goodbye' })).toMatchObject(reused);
    const path = ticketPath(one.id, 'reply/');
    expect((await send('reply', { message: 'Hello' }, { path })).status).toBe(201);
    const elsewhere = { path: ticketPath(other.id, 'reply/') };
    expect(await send('reply', { message: 'Hello' }, elsewhere)).toMatchObject(reused);
    expect(await listMessages(app, other.id)).toEqual([]);
  });

  it('does not care about the trailing slash', async () => {
    const first = await send('slash', {});
    expect((await send('slash', {}, { path: TICKETS.slice(0, -1) })).body).toEqual(first.body);
  });

  it('outlives the duplicate guard of replies', async () => {
    const { id } = await createTicket(app);
    const path = ticketPath(id, 'reply/');
    const first = await send('late', { message: 'Hello' }, { path });
    app.clock.advance(HOUR);
    const again = await send('late', { message: 'Hello' }, { path });
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await send('later', { message: 'Hello' }, { path })).status).toBe(201);
    expect(await listMessages(app, id)).toHaveLength(2);
  });

  it('works on compose', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const email_config_id = await addEmailConfig(app);
    const body = { recipient_email: 'ann@example.com', email_config_id, message: 'Hello' };
    const path = `${TICKETS}compose/`;
    const first = await send('compose', body, { path });
    app.clock.advance(HOUR);
    const again = await send('compose', body, { path });
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
  });

  it('belongs to one key, one route and one project', async () => {
    const tenant = await addTenant(app, 'elsewhere');
    const membership = { organization_id: tenant.organizationId, user_id: await adminId(app) };
    await app.database.kysely
      .insertInto('memberships')
      .values({ ...membership, level: 'admin', created_at: app.clock.now() })
      .execute();
    const { id } = await createTicket(app);
    const answers = [
      await send('shared', { message: 'Hello' }),
      await send('shared', { message: 'Hello' }, { apiKey: await addAdminKey(app, ['*']) }),
      await send('shared', { message: 'Hello' }, { path: ticketPath(id, 'reply/') }),
      await send('shared', { message: 'Hello' }, { path: tenant.tickets }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(4);
  });

  it('is not used up by a request that fails', async () => {
    expect((await send('failing', { status: 'bogus' })).status).toBe(400);
    expect((await send('failing', { assignee: 'nobody' })).status).toBe(400);
    expect((await send('failing', { status: 'open' })).status).toBe(201);
  });

  it('lets requests sent at once through once; the others are told 409 or get the first answer', async () => {
    const before = await countTickets();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send('at once', { tags: ['x'] })));
    expect(await countTickets()).toBe(before + 1);
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'idempotency_key_in_use' } });
    }
  });

  it('has 1 to 255 characters', async () => {
    expect((await send('k'.repeat(255), {})).status).toBe(201);
    for (const key of ['', 'k'.repeat(256)]) {
      expect(await send(key, {})).toMatchObject({
        status: 400,
        body: { type: 'validation_error', code: 'invalid_input', attr: 'Idempotency-Key' },
      });
    }
  });

  it('is looked at after the ticket and the body are', async () => {
    const unknown = ticketPath('01900000-0000-7000-8000-000000000000', 'reply/');
    expect((await send('nowhere', { message: 'Hello' }, { path: unknown })).status).toBe(404);
    const { id } = await createTicket(app);
    expect((await send('nowhere', { message: 'Hello' }, { path: ticketPath(id, 'reply/') })).status).toBe(
      201,
    );
  });

  it('is forgotten by the job that prunes, after 24 hours and not before', async () => {
    const first = await send('old', { message: 'Hello' });
    const runPrune = () =>
      runJob(
        prune,
        {},
        {
          run: (work) => app.parley.unitOfWork.run(SYSTEM, work),
          log: createLogger('fatal'),
          signal: new AbortController().signal,
        },
      );
    app.clock.advance(24 * HOUR);
    await runPrune();
    expect((await send('old', { message: 'Hello' })).body.id).toBe(first.body.id);
    app.clock.advance(1);
    await runPrune();
    expect((await send('old', { message: 'Hello' })).body.id).not.toBe(first.body.id);
  });
});
