import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  addEmailConfig,
  createTicket,
  listMessages,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp, type TestResponse } from '../../testing/test-app.ts';

// Needs two connections at once, so the embedded database can't show it.

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

type Send = () => Promise<TestResponse<{ id: string }>>;

async function waitForLock(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        app.database.kysely,
      );
      expect(rows).toHaveLength(1);
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** Sends a request that has to wait for `held`, another one meanwhile, and lets the first go on. */
async function sendWhileOneWaits(held: ReturnType<typeof sql>, first: Send, second: Send = first) {
  let waiting: ReturnType<Send> | undefined;
  const meanwhile = await app.database.kysely.transaction().execute(async (tx) => {
    await held.execute(tx);
    waiting = first();
    await waitForLock();
    return second();
  });
  return { meanwhile, first: await waiting };
}

const lockTicketRow = (id: string) => sql`select from tickets where project_id = 1 and id = ${id} for update`;
const lockCounter = () => sql`select from ticket_counters where project_id = 1 for update`;

describe('while a request is still being handled', () => {
  it('an identical reply is told 409 at once, and the first becomes the one message', async () => {
    const { id } = await createTicket(app);
    const send: Send = () => app.request('POST', ticketPath(id, 'reply/'), { body: { message: 'Hello' } });
    const { meanwhile, first } = await sendWhileOneWaits(lockTicketRow(id), send);
    expect(meanwhile).toMatchObject({
      status: 409,
      body: {
        type: 'invalid_request',
        code: 'reply_in_progress',
        attr: null,
        error_type: 'reply_in_progress',
      },
    });
    expect(first?.status).toBe(201);
    expect((await send()).status).toBe(200);
    expect(await listMessages(app, id)).toHaveLength(1);
  });

  it('an identical compose is told 409 at once', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const body = {
      recipient_email: 'ann@example.com',
      email_config_id: await addEmailConfig(app),
      message: 'Hello',
    };
    const send: Send = () => app.request('POST', `${TICKETS}compose/`, { body });
    const { meanwhile, first } = await sendWhileOneWaits(lockCounter(), send);
    expect(meanwhile).toMatchObject({
      status: 409,
      body: { code: 'compose_in_progress', error_type: 'compose_in_progress' },
    });
    expect(first?.status).toBe(201);
    const again = await send();
    expect([again.status, again.body]).toEqual([200, first?.body]);
  });

  it('its Idempotency-Key is in use, whatever the body; another key goes its own way', async () => {
    const { id } = await createTicket(app);
    const send = (key: string, message: string) => () =>
      app.request<{ id: string }>('POST', ticketPath(id, 'reply/'), {
        body: { message },
        headers: { 'idempotency-key': key },
      });
    const { meanwhile, first } = await sendWhileOneWaits(
      lockTicketRow(id),
      send('k', 'Hello'),
      send('k', 'Goodbye'),
    );
    expect(meanwhile).toMatchObject({
      status: 409,
      body: { type: 'invalid_request', code: 'idempotency_key_in_use', attr: null },
    });
    expect(first?.status).toBe(201);
    expect((await send('k', 'Goodbye')()).body).toMatchObject({ code: 'idempotency_key_reused' });
    expect((await send('other', 'Goodbye')()).status).toBe(201);
  });
});
