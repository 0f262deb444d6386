import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runJob } from '#platform/jobs/worker.ts';
import { createLogger } from '#platform/log.ts';
import {
  activitiesOf,
  addEmailConfig,
  addTenant,
  createTicket,
  customerWrites,
  eventNames,
  eventsOf,
  getTicket,
  reply,
  SYSTEM,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { ticketJobs } from './tickets.jobs.ts';

const DAY = 24 * 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const remove = (id: string) => app.request('DELETE', ticketPath(id));
const restore = (id: string) => app.request('POST', ticketPath(id, 'restore/'));
const purge = () =>
  runJob(
    ticketJobs.purge,
    {},
    {
      run: (work) => app.parley.unitOfWork.run(SYSTEM, work),
      log: createLogger('fatal'),
      signal: new AbortController().signal,
    },
  );
const listIds = async (query = '') =>
  (await app.request<{ results: { id: string }[] }>('GET', `${TICKETS}${query}`)).body.results.map(
    ({ id }) => id,
  );
const rowsOf = async (id: string) => {
  const tables = ['messages', 'ticket_reads', 'outbox'] as const;
  const counts = tables.map(async (table) => {
    const rows = await app.database.kysely
      .selectFrom(table)
      .where('ticket_id', '=', id)
      .selectAll()
      .execute();
    return [table, rows.length] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
};

describe('tickets.delete', () => {
  it('hides a ticket everywhere at once and answers 204 without a body', async () => {
    const { id, ticket_number } = await createTicket(app, { message: 'Hello', tags: ['gone'] });
    const response = await remove(id);
    expect([response.status, response.text]).toEqual([204, '']);
    expect(await listIds()).not.toContain(id);
    expect(await listIds('?tags=["gone"]')).toEqual([]);
    expect(await listIds('?deleted=true')).toContain(id);
    const gone = { status: 404, body: { type: 'invalid_request', code: 'not_found', attr: null } };
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', 'read/'],
      ['POST', 'reply/'],
      ['GET', 'messages/'],
      ['GET', 'activity/'],
    ] as const) {
      for (const ref of [id, ticket_number]) {
        const { status, body } = await app.request(method, ticketPath(ref, path), {
          ...(method === 'GET' || method === 'DELETE' ? {} : { body: { message: 'x' } }),
        });
        expect({ status, body }).toMatchObject(gone);
      }
    }
  });

  it('takes its messages out of the unread sum, and a restore brings them back', async () => {
    const unread = async () => (await app.request('GET', `${TICKETS}unread_count/`)).body;
    const { count } = (await unread()) as { count: number };
    const { id } = await createTicket(app, { message: 'Hello' });
    await customerWrites(app, id, 'Anyone?');
    expect(await unread()).toEqual({ count: count + 2 });
    const dropped = vi.spyOn(app.parley.shared.cache, 'delete');
    await remove(id);
    expect(dropped.mock.calls).toEqual([['conversations:unread_count:1']]);
    dropped.mockRestore();
    expect(await unread()).toEqual({ count });
    await restore(id);
    expect(await unread()).toEqual({ count: count + 2 });
  });

  it('does not give its number to the next ticket', async () => {
    const { id, ticket_number } = await createTicket(app);
    await remove(id);
    expect((await createTicket(app)).ticket_number).toBe(ticket_number + 1);
  });

  it('remembers who did it, and is logged and reported', async () => {
    const { id } = await createTicket(app);
    await remove(id);
    const row = await app.database.kysely
      .selectFrom('tickets')
      .select(['deleted_at', 'deleted_by', 'version'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ deleted_at: app.clock.now(), deleted_by: 1, version: 2 });
    await restore(id);
    expect(await eventNames(app, id)).toEqual(['tickets.create', 'tickets.delete', 'tickets.restore']);
    expect((await activitiesOf(app, id)).map(({ activity }) => activity)).toEqual([
      'created',
      'deleted',
      'restored',
    ]);
  });
});

describe('tickets.restore', () => {
  it('brings a ticket back as it was', async () => {
    const before = await createTicket(app, { message: 'Hello', tags: ['a'], priority: 'high' });
    await remove(before.id);
    app.clock.advance(29 * DAY);
    const response = await restore(before.id);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      ...before,
      updated_at: app.clock.now().toISOString(),
      version: before.version + 2,
    });
    expect(await listIds()).toContain(before.id);
  });

  it('is 404 for a ticket that is not deleted, is unknown, or is of another project', async () => {
    const { id } = await createTicket(app);
    expect((await restore(id)).status).toBe(404);
    expect((await restore('01900000-0000-7000-8000-000000000000')).status).toBe(404);
    const tenant = await addTenant(app, 'elsewhere');
    const made = await app.request<{ id: string }>('POST', tenant.tickets, { key: tenant.key, body: {} });
    const theirs = `${tenant.tickets}${made.body.id}/`;
    expect((await remove(made.body.id)).status).toBe(404);
    expect((await app.request('DELETE', theirs)).status).toBe(404);
    await app.request('DELETE', theirs, { key: tenant.key });
    expect((await restore(made.body.id)).status).toBe(404);
    expect((await app.request('POST', `${theirs}restore/`, { key: tenant.key })).status).toBe(200);
  });
});

describe('tickets.purge', () => {
  it('removes a ticket and all that hangs on it when 30 days are over, not before', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const email_config_id = await addEmailConfig(app);
    const composed = await app.request<{ id: string }>('POST', `${TICKETS}compose/`, {
      body: { recipient_email: 'ann@example.com', email_config_id, message: 'Hello', tags: ['only-here'] },
    });
    const { id } = composed.body;
    await customerWrites(app, id, 'Thanks');
    await app.request('GET', ticketPath(id));
    await reply(app, id, 'Welcome');
    const kept = await createTicket(app, { message: 'I stay', tags: ['elsewhere'] });
    const full = { messages: 3, ticket_reads: 1, outbox: 2 };
    expect(await rowsOf(id)).toEqual(full);
    await remove(id);

    app.clock.advance(30 * DAY);
    await purge();
    expect(await rowsOf(id)).toEqual(full);

    app.clock.advance(1);
    await purge();
    expect(await rowsOf(id)).toEqual({ messages: 0, ticket_reads: 0, outbox: 0 });
    expect((await restore(id)).status).toBe(404);
    expect(await listIds('?deleted=true')).not.toContain(id);
    expect(await getTicket(app, kept.id)).toEqual(kept);
    const log = await app.database.kysely
      .selectFrom('activities')
      .select(['activity', 'actor'])
      .where('ticket_id', '=', id)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(log).toMatchObject({ activity: 'purged', actor: { actor_type: 'system' } });
  });

  it('leaves no copy of what the customer wrote', async () => {
    const headers = { 'idempotency-key': 'once' };
    const body = { message: 'a secret of mine', anonymous_traits: { name: 'secret name' } };
    const { body: made } = await app.request<{ id: string }>('POST', TICKETS, { body, headers });
    const tx = app.database.kysely;
    const webhook = '01900000-0000-7000-8000-0000000000aa';
    await sql`
      insert into webhooks (project_id, id, url, events, secret, cursor_seq, prune_at, created_at, updated_at)
      values (1, ${webhook}, 'https://example.com', '{*}', '', 0, now(), now(), now())`.execute(tx);
    await sql`
      insert into webhook_deliveries (project_id, id, webhook_id, event, ticket_id, lane, payload, state, created_at)
      values (1, ${webhook}, ${webhook}, 'messages.receive', ${made.id}, 'x', 'a secret of mine', 'delivered', now())`.execute(
      tx,
    );
    const numbers = async () => (await eventsOf(app, made.id)).map(({ id }) => id);
    await remove(made.id);
    const before = await numbers();
    expect(before.length).toBeGreaterThan(2);
    app.clock.advance(31 * DAY);
    await purge();
    expect(await numbers()).toEqual(before);
    const { rows } = await sql<{ copies: number }>`
      select (select count(*)::integer from events e where e.payload::text like '%secret%')
        + (select count(*)::integer from webhook_deliveries d where d.payload like '%secret%')
        + (select count(*)::integer from idempotency_keys k where k.response like '%secret%') as copies`.execute(
      tx,
    );
    expect(rows).toEqual([{ copies: 0 }]);
  });

  it('takes more than one batch', async () => {
    for (let n = 0; n < 105; n += 1) await remove((await createTicket(app)).id);
    app.clock.advance(31 * DAY);
    await purge();
    expect(await listIds('?deleted=true')).toEqual([]);
  });
});
