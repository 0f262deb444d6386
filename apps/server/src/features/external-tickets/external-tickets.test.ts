import type { ExternalTicket } from '@parley/contract/external-tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addEmailConfig,
  addMessage,
  addRole,
  adminId,
  createTicket,
  customerWrites,
  eventNames,
  eventsOf,
  getTicket,
  projectOf,
  setProject,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { externalPath, newSecret, withSecret } from './testing.ts';

const FLOW = '01900000-0000-7000-8000-0000000000AB';

let app: TestApp;
let send: ReturnType<typeof withSecret>;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  send = withSecret(app, (await newSecret(app)).secret);
});
afterAll(() => app.close());

const patch = (id: string, body: unknown, headers = {}) => send('PATCH', externalPath(id), body, headers);

describe('external_tickets.retrieve', () => {
  it('case 134: calls them number and sla, shows the published keys alone, and marks nothing as read', async () => {
    const { id } = await createTicket(app, { message: 'Hello', priority: 'high', tags: ['vip'] });
    const sla_due_at = '2026-03-02T12:00:00.000Z';
    const assignee = { type: 'user', id: await adminId(app) };
    const session_context = JSON.stringify({ current_url: 'https://shop.example/cart' });
    await app.database.kysely.updateTable('tickets').set({ session_context }).where('id', '=', id).execute();
    const ticket = await updateTicket(app, id, { sla_due_at, assignee });
    const answer = await send<ExternalTicket>('GET', externalPath(id));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id,
      number: ticket.ticket_number,
      status: 'new',
      priority: 'high',
      channel_source: 'widget',
      channel_detail: 'widget_api',
      distinct_id: id,
      created_at: ticket.created_at,
      updated_at: ticket.updated_at,
      message_count: 1,
      last_message_at: ticket.last_message_at,
      last_message_text: 'Hello',
      unread_team_count: 1,
      unread_customer_count: 0,
      sla: sla_due_at,
      snoozed_until: null,
      assignee: ticket.assignee,
      url: 'https://shop.example/cart',
      slack_channel_id: null,
      slack_thread_ts: null,
      slack_team_id: null,
      email_subject: null,
      email_from: null,
      email_to: null,
      cc_participants: [],
      tags: ['vip'],
    });
    expect(await getTicket(app, id)).toEqual(ticket);
    expect((await send('GET', externalPath(id, '/'))).body).toEqual(answer.body);
    expect((await send('GET', externalPath(id.toUpperCase()))).status).toBe(200);
  });

  it('adds the first words of the customer when asked for', async () => {
    const words = async (id: string) =>
      (await send<ExternalTicket>('GET', externalPath(id, '?include_first_customer_message_text=true'))).body
        .first_customer_message_text;
    const { id } = await createTicket(app);
    expect(await words(id)).toBeNull();
    await addMessage(app, id, 'From the team', { author_type: 'support', is_private: false });
    await customerWrites(app, id, ' ![shot.png](https://x.example/uploaded_media/1) ');
    expect(await words(id)).toBeNull();
    await customerWrites(app, id, `![a](b)\nIt broke: ${'é'.repeat(150)}`);
    await customerWrites(app, id, 'Later');
    expect(await words(id)).toBe(`It broke: ${'é'.repeat(95)}`);
    expect((await send<ExternalTicket>('GET', externalPath(id))).body).not.toHaveProperty(
      'first_customer_message_text',
    );
  });

  it('case 144: does not find what is no uuid, unknown or deleted', async () => {
    const { id, ticket_number } = await createTicket(app);
    await app.request('DELETE', ticketPath(id));
    for (const ref of [
      'not-a-uuid',
      String(ticket_number),
      id,
      '01900000-0000-7000-8000-000000000000',
      "'",
      '%00',
      '%zz',
      'x'.repeat(501),
    ]) {
      for (const answer of [await send('GET', externalPath(ref)), await patch(ref, { status: 'open' })])
        expect([ref, answer.status, answer.body]).toEqual([ref, 404, { error: 'Not found.' }]);
    }
  });
});

describe('external_tickets.update', () => {
  it('case 135: an empty change is fine and changes nothing', async () => {
    const before = await createTicket(app);
    app.clock.advance(1000);
    for (const body of [
      {},
      { unknown: 1, number: 5, message_count: 9 },
      { sla_unit: 'day', tags_mode: 'set' },
    ]) {
      const answer = await patch(before.id, body);
      expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
    }
    expect(await getTicket(app, before.id)).toEqual(before);
  });

  it('changes all fields at once, as a change by another system with the usual events', async () => {
    const { id } = await createTicket(app);
    const assignee = { type: 'role', id: await addRole(app, 'Second line') };
    const snoozed_until = '2026-04-01T08:00:00.000Z';
    const sla_due_at = '2026-03-05T08:00:00.000Z';
    const changes = { priority: 'critical', sla_due_at, snoozed_until, assignee, tags: ['Beta '] };
    expect((await patch(id, changes)).status).toBe(200);
    const after = await getTicket(app, id);
    expect(after).toMatchObject({
      status: 'on_hold',
      priority: 'critical',
      sla_due_at,
      snoozed_until,
      tags: ['beta'],
    });
    expect(after.assignee).toMatchObject(assignee);
    expect(await eventNames(app, id)).toEqual([
      'tickets.create',
      'tickets.update',
      'tickets.change_status',
      'tickets.change_priority',
      'tickets.assign',
    ]);
    expect((await eventsOf(app, id)).at(-1)).toMatchObject({ actor: { actor_type: 'external' }, chain: [] });
    await patch(id, { assignee: null, snoozed_until: null, sla_due_at: null, status: 'resolved' });
    expect(await getTicket(app, id)).toMatchObject({ status: 'resolved', assignee: null, sla_due_at: null });
  });

  it('a wrong assignee changes nothing else', async () => {
    const before = await createTicket(app);
    const answer = await patch(before.id, { status: 'resolved', assignee: { type: 'user', id: 987654 } });
    expect([answer.status, answer.body]).toEqual([
      400,
      { error: { assignee: ['The user is not a member of this organization.'] } },
    ]);
    expect(await getTicket(app, before.id)).toEqual(before);
  });

  it('cases 141 and 142: tags are added unless the mode says set or remove', async () => {
    const { id } = await createTicket(app, { tags: ['alpha', 'beta'] });
    const tags = async (body: object) => {
      expect((await patch(id, body)).status).toBe(200);
      return (await getTicket(app, id)).tags;
    };
    expect(await tags({ tags: ['Gamma', 'alpha'] })).toEqual(['alpha', 'beta', 'gamma']);
    expect(await tags({ tags: ['beta', 'never'], tags_mode: 'remove' })).toEqual(['alpha', 'gamma']);
    expect(await tags({ tags: ['one'], tags_mode: 'set' })).toEqual(['one']);
    expect(await tags({ tags: [], tags_mode: 'add' })).toEqual(['one']);
    expect(await tags({ tags: [], tags_mode: 'set' })).toEqual([]);
  });

  it('case 145: a workflow is kept with what it set off; a malformed one is ignored', async () => {
    const { id } = await createTicket(app);
    expect((await patch(id, { status: 'open', tags: ['x'] }, { 'x-posthog-hog-flow-id': FLOW })).status).toBe(
      200,
    );
    expect((await patch(id, { status: 'pending' }, { 'x-posthog-hog-flow-id': "'; drop" })).status).toBe(200);
    const trigger = { job_type: 'hog_flow', job_id: FLOW.toLowerCase(), payload: {} };
    const details = (await activitiesOf(app, id)).map(({ detail }) => detail);
    expect(details.slice(1)).toMatchObject([{ trigger }, { trigger }, {}]);
    expect(details.at(-1)).not.toHaveProperty('trigger');
    const chains = (await eventsOf(app, id)).map(({ chain }) => chain);
    const own = [`hog_flow:${FLOW.toLowerCase()}`];
    expect(chains).toEqual([[], own, own, [], []]);
  });

  it('takes forms', async () => {
    const { id } = await createTicket(app);
    const secret = (await newSecret(app)).secret;
    const form = 'status=pending&sla_amount=2&tags=a&tags=b';
    expect((await app.request('PATCH', externalPath(id), { key: secret, form })).status).toBe(200);
    expect(await getTicket(app, id)).toMatchObject({
      status: 'pending',
      tags: ['a', 'b'],
      sla_due_at: '2026-03-02T12:00:01.000Z',
    });
    send = withSecret(app, secret);
  });
});

describe('the route', () => {
  it('case 143: takes GET and PATCH only', async () => {
    const { id } = await createTicket(app);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await send(method, externalPath(id), {});
      expect([answer.status, answer.body]).toEqual([405, { error: `Method "${method}" not allowed.` }]);
      expect(answer.headers.allow).toContain('PATCH');
    }
  });

  it('answers all that is wrong with a request in the plain form', async () => {
    const { id } = await createTicket(app);
    const json = { 'content-type': 'application/json' };
    const text = { 'content-type': 'text/plain' };
    expect((await send('PATCH', externalPath(id), '{"a":', json)).body).toEqual({
      error: 'JSON parse error.',
    });
    const unsupported = await send('PATCH', externalPath(id), 'status=open', text);
    expect([unsupported.status, unsupported.body]).toEqual([415, { error: expect.any(String) }]);
    const big = await send('PATCH', externalPath(id), { tags: ['x'.repeat(1_100_000)] });
    expect([big.status, big.body]).toEqual([413, { error: expect.any(String) }]);
  });

  it('shows the address mail comes from', async () => {
    const { id } = await createTicket(app);
    const email_config_id = await addEmailConfig(app, { email: 'help@example.com' });
    await app.database.kysely.updateTable('tickets').set({ email_config_id }).where('id', '=', id).execute();
    expect((await send('GET', externalPath(id))).body).toMatchObject({ email_to: 'help@example.com' });
  });

  it('case 133: lets nobody in where Support is off', async () => {
    const { id } = await createTicket(app);
    await setProject(app, { conversations_enabled: false });
    const answer = await send('GET', externalPath(id));
    await setProject(app, { conversations_enabled: true });
    expect([answer.status, answer.body]).toEqual([401, { error: expect.any(String) }]);
    expect((await projectOf(app)).conversationsEnabled).toBe(true);
  });
});
