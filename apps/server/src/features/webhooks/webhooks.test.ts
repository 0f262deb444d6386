import type { ErrorBody } from '@parley/contract/errors';
import type { PageOf } from '@parley/contract/schemas';
import type { Webhook, WebhookDelivery, WebhookMessage, WebhookWithSecret } from '@parley/contract/webhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addAdminKey, createTicket, reply, setProject } from '../../testing/fixtures.ts';
import { addMember, addTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const WEBHOOKS = '/api/projects/1/webhooks/';
const URL_OF_HOOK = 'https://hooks.example.com/parley?team=1';

// Nothing is sent here: that takes a worker.
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'scheduler'] });
});
afterAll(() => app.close());

const path = ({ id }: { id: string }, below = '') => `${WEBHOOKS}${id}/${below}`;
async function create(body: object = {}): Promise<WebhookWithSecret> {
  const all = { url: URL_OF_HOOK, events: ['*'], ...body };
  const response = await app.request<WebhookWithSecret>('POST', WEBHOOKS, { body: all });
  if (response.status !== 201) throw new Error(response.text);
  return response.body;
}
const list = async () => (await app.request<PageOf<Webhook>>('GET', WEBHOOKS)).body.results;
const eventsOf = async ({ id }: { id: string }) => {
  const events = app.database.kysely
    .selectFrom('events')
    .select(['name', 'payload'])
    .where('resource_id', '=', id);
  return events.orderBy('id').execute();
};

describe('#webhooks.create', () => {
  it('answers the webhook with its secret, once', async () => {
    const body = {
      name: ' Billing ',
      events: ['tickets.create', '$conversation_message_sent', 'tickets.create'],
    };
    const { secret, ...webhook } = await create(body);
    expect(secret).toMatch(/^whsec_/);
    expect(webhook).toMatchObject({
      name: 'Billing',
      url: URL_OF_HOOK,
      events: ['tickets.create', '$conversation_message_sent'],
      enabled: true,
      breaker: 'closed',
      consecutive_failures: 0,
      previous_secret_expires_at: null,
      version: 1,
    });
    const shown = await app.request<Webhook>('GET', path(webhook));
    expect(shown.body).toEqual(webhook);
    expect(await list()).toContainEqual(webhook);
    const stored = await app.database.kysely
      .selectFrom('webhooks')
      .selectAll()
      .where('id', '=', webhook.id)
      .executeTakeFirstOrThrow();
    expect(stored.secret).toMatch(/^v1\./);
    expect(JSON.stringify(stored)).not.toContain(secret.slice(6));
    expect(await eventsOf(webhook)).toEqual([
      { name: 'webhooks.create', payload: { id: webhook.id, name: 'Billing' } },
    ]);
  });

  it('gives the first answer again, secret and all, and keeps it sealed', async () => {
    const options = {
      body: { url: URL_OF_HOOK, events: ['*'], name: 'Once' },
      headers: { 'idempotency-key': 'hook-1' },
    };
    const first = await app.request<WebhookWithSecret>('POST', WEBHOOKS, options);
    const second = await app.request('POST', WEBHOOKS, options);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect((await list()).filter(({ name }) => name === 'Once')).toHaveLength(1);
    const kept = await app.database.kysely.selectFrom('idempotency_keys').select('response').execute();
    expect(JSON.stringify(kept)).not.toContain(first.body.secret);
  });

  it.each<[object, string, string]>([
    [{ url: undefined }, 'url', 'required'],
    [{ url: null }, 'url', 'null'],
    [{ url: 7 }, 'url', 'invalid_input'],
    [{ url: '' }, 'url', 'min_length'],
    [{ url: 'example.com' }, 'url', 'invalid_input'],
    [{ url: 'ftp://example.com/' }, 'url', 'invalid_input'],
    [{ url: 'file:///etc/passwd' }, 'url', 'invalid_input'],
    [{ url: 'http://example.com/' }, 'url', 'invalid_input'],
    [{ url: 'https://ada:pw@example.com/' }, 'url', 'invalid_input'],
    [{ url: 'https://example.com/#there' }, 'url', 'invalid_input'],
    [{ url: 'https://exam\nple.com/' }, 'url', 'invalid_input'],
    [{ url: `https://example.com/${'x'.repeat(2000)}` }, 'url', 'max_length'],
    [{ url: 'https://a\0b.example/' }, 'url', 'null_characters_not_allowed'],
    [{ url: 'https://10.0.0.1/' }, 'url', 'invalid_input'],
    [{ url: 'https://0x7f.2/' }, 'url', 'invalid_input'],
    [{ url: 'https://[::1]/' }, 'url', 'invalid_input'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, 'url', 'invalid_input'],
    [{ url: 'https://169.254.169.254/latest' }, 'url', 'invalid_input'],
    [{ events: undefined }, 'events', 'required'],
    [{ events: [] }, 'events', 'empty'],
    [{ events: 'tickets.reply' }, 'events', 'invalid_input'],
    [{ events: ['tickets.reply', 'tickets.nothing'] }, 'events__1', 'invalid_choice'],
    [{ events: [null] }, 'events__0', 'null'],
    [{ events: Array(101).fill('*') }, 'events', 'max_length'],
    [{ name: 'x'.repeat(201) }, 'name', 'max_length'],
    [{ name: 'a\0b' }, 'name', 'null_characters_not_allowed'],
    [{ enabled: 'yes' }, 'enabled', 'invalid_input'],
  ])('refuses %j', async (body, attr, code) => {
    const all = { url: URL_OF_HOOK, events: ['*'], ...body };
    const response = await app.request<ErrorBody>('POST', WEBHOOKS, { body: all });
    expect(response).toMatchObject({ status: 400, body: { attr, code } });
  });

  it('takes plain http to a host the operator named', async () => {
    expect(await create({ url: 'http://127.0.0.1:3000/hook' })).toMatchObject({ enabled: true });
  });

  it('ignores what is not for the caller to set', async () => {
    const body = { secret: 'whsec_mine', cursor_seq: 0, project_id: 2, failures: 3, id: newId() };
    const webhook = await create(body);
    expect(webhook).toMatchObject({ consecutive_failures: 0 });
    expect(webhook.secret).not.toBe('whsec_mine');
    expect(webhook.id).not.toBe(body.id);
  });
});

describe('#webhooks.update', () => {
  it('changes what is sent and says which fields, and nothing where nothing changes', async () => {
    const webhook = await create();
    const body = { name: 'New', url: 'https://other.example/', events: ['tickets.reply'] };
    const changed = await app.request<Webhook>('PATCH', path(webhook), { body });
    expect(changed.body).toMatchObject({ ...body, version: 2 });
    expect((await app.request<Webhook>('PATCH', path(webhook), { body })).body).toEqual(changed.body);
    const [, update, ...more] = await eventsOf(webhook);
    expect(update).toMatchObject({ name: 'webhooks.update', payload: { fields: ['name', 'url', 'events'] } });
    expect(more).toEqual([]);
    expect(JSON.stringify(update)).not.toContain('other.example');
  });

  it('turns off and on', async () => {
    const webhook = await create();
    const off = await app.request<Webhook>('PATCH', path(webhook), { body: { enabled: false } });
    expect(off.body).toMatchObject({ enabled: false, disabled_reason: 'manual' });
    expect(off.body.disabled_at).not.toBeNull();
    const on = await app.request<Webhook>('POST', path(webhook, 'enable/'));
    expect(on.body).toMatchObject({ enabled: true, disabled_reason: null, disabled_at: null, version: 3 });
    expect((await app.request<Webhook>('POST', path(webhook, 'enable/'))).body).toEqual(on.body);
    const names = (await eventsOf(webhook)).map(({ name }) => name);
    expect(names).toEqual(['webhooks.create', 'webhooks.update', 'webhooks.enable']);
  });

  it('refuses the addresses that create refuses', async () => {
    const webhook = await create();
    const body = { url: 'https://192.168.0.1/', name: 'Changed' };
    expect((await app.request<ErrorBody>('PATCH', path(webhook), { body })).status).toBe(400);
    expect((await app.request<Webhook>('GET', path(webhook))).body).toMatchObject({ name: '', version: 1 });
  });
});

describe('#webhooks.delete', () => {
  it('ends it for everybody', async () => {
    const webhook = await create();
    expect((await app.request('DELETE', path(webhook))).status).toBe(204);
    expect((await list()).some(({ id }) => id === webhook.id)).toBe(false);
    for (const [method, below] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', 'enable/'],
      ['POST', 'test/'],
      ['POST', 'rotate_secret/'],
      ['GET', 'deliveries/'],
    ] as const) {
      const options = method === 'PATCH' ? { body: { name: 'x' } } : {};
      expect([below, (await app.request(method, path(webhook, below), options)).status]).toEqual([
        below,
        404,
      ]);
    }
  });
});

describe('#webhooks.rotate_secret', () => {
  it('answers another secret, and how long the one before still signs', async () => {
    const webhook = await create();
    const rotated = await app.request<WebhookWithSecret>('POST', path(webhook, 'rotate_secret/'), {
      body: {},
    });
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(webhook.secret);
    const expires = new Date(app.clock.now().getTime() + 24 * 3_600_000).toISOString();
    expect(rotated.body).toMatchObject({ previous_secret_expires_at: expires, version: 2 });
    const options = { body: { keep_previous_hours: 0 } };
    const ended = await app.request<WebhookWithSecret>('POST', path(webhook, 'rotate_secret/'), options);
    expect(ended.body.previous_secret_expires_at).toBeNull();
    expect(JSON.stringify(await eventsOf(webhook))).not.toContain('whsec_');
  });

  it.each([-1, 169, 1.5, '24', null])('refuses to keep it %j hours', async (hours) => {
    const webhook = await create();
    const options = { body: { keep_previous_hours: hours } };
    expect((await app.request('POST', path(webhook, 'rotate_secret/'), options)).status).toBe(400);
  });
});

describe('#webhooks.deliveries', () => {
  it('pages through the log both ways, and filters it', async () => {
    const webhook = await create();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      made.unshift((await app.request<WebhookDelivery>('POST', path(webhook, 'test/'))).body.id);
    }
    const get = async (below: string) =>
      (await app.request<PageOf<WebhookDelivery>>('GET', path(webhook, `deliveries/${below}`))).body;
    const ids = (page: PageOf<WebhookDelivery>) => page.results.map(({ id }) => id);
    const queryOf = (link: string | null) => new URL(link ?? '').search;
    expect(ids(await get(''))).toEqual(made);
    const first = await get('?limit=2');
    expect(first).toMatchObject({ count: 5, previous: null });
    const second = await get(queryOf(first.next));
    const third = await get(queryOf(second.next));
    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(made);
    expect(third.next).toBeNull();
    expect(ids(await get(queryOf(third.previous)))).toEqual(ids(second));
    const back = await get(queryOf(second.previous));
    expect([ids(back), back.previous]).toEqual([ids(first), null]);
    expect((await get('?state=pending&event=webhooks.test')).count).toBe(5);
    expect((await get('?state=delivered,failed')).count).toBe(0);
    expect((await get('?event=tickets.reply')).count).toBe(0);
    expect((await get(`?ticket=${newId()}`)).count).toBe(0);
    expect((await get('?cursor=nonsense&limit=-1')).count).toBe(5);
  });

  it.each([
    ['state=done', 'state'],
    ['ticket=7', 'ticket'],
  ])('refuses ?%s', async (query, attr) => {
    const webhook = await create();
    const response = await app.request<ErrorBody>('GET', path(webhook, `deliveries/?${query}`));
    expect(response).toMatchObject({ status: 400, body: { attr } });
  });

  it('shows one with what is to be sent', async () => {
    const webhook = await create({ name: 'Seen' });
    const test = await app.request<WebhookDelivery>('POST', path(webhook, 'test/'));
    expect(test).toMatchObject({ status: 202, body: { state: 'pending', attempts: 0, seq: null } });
    const shown = await app.request<object>('GET', path(webhook, `deliveries/${test.body.id}/`));
    expect(shown.body).toEqual({
      ...test.body,
      log: [],
      request_body: expect.objectContaining({ id: test.body.id, type: 'webhooks.test', project_id: 1 }),
    });
  });
});

describe('#webhooks.events', () => {
  it('reads events as webhooks get them, from a number on', async () => {
    const ticket = await createTicket(app);
    await reply(app, ticket.id, 'Hello there');
    await reply(app, ticket.id, 'Between us', { is_private: true });
    const read = async (query: string) =>
      (
        await app.request<{ results: WebhookMessage[]; last_seq: number; has_more: boolean }>(
          'GET',
          `${WEBHOOKS}events/?${query}`,
        )
      ).body;
    await expect
      .poll(async () => (await read('limit=500')).results.map(({ type }) => type))
      .toContain('notes.create');
    const all = await read('limit=500');
    expect(all.results.map(({ seq }) => seq)).toEqual(all.results.map((_, index) => index + 1));
    const sent = all.results.find(({ type }) => type === 'tickets.reply');
    expect(sent).toMatchObject({
      id: `evt_1_${sent?.seq}`,
      alias: '$conversation_message_sent',
      ticket_id: ticket.id,
      data: { message_content: 'Hello there', actor_type: 'user' },
    });
    expect(JSON.stringify(all)).not.toContain('Between us');
    const page = await read('limit=2');
    expect(page).toMatchObject({ last_seq: 2, has_more: true });
    expect(await read(`after=${all.last_seq}`)).toEqual({
      results: [],
      last_seq: all.last_seq,
      has_more: false,
    });
    expect((await read('after=x&limit=1')).results).toHaveLength(1);
  });
});

describe('#webhooks.replay', () => {
  it.each<[object, string]>([
    [{}, 'delivery_id'],
    [{ delivery_id: newId(), failed_since: '2026-01-01' }, 'delivery_id'],
    [{ delivery_id: 'x' }, 'delivery_id'],
    [{ failed_since: 'yesterday' }, 'failed_since'],
    [{ failed_since: 7 }, 'failed_since'],
  ])('refuses %j', async (body, attr) => {
    const webhook = await create();
    const response = await app.request<ErrorBody>('POST', path(webhook, 'replay/'), { body });
    expect(response).toMatchObject({ status: 400, body: { attr } });
  });

  it('does not find another webhook’s delivery, and needs the webhook to be on', async () => {
    const [webhook, other] = [await create(), await create()];
    const test = await app.request<WebhookDelivery>('POST', path(other, 'test/'));
    const body = { delivery_id: test.body.id };
    expect((await app.request('POST', path(webhook, 'replay/'), { body })).status).toBe(404);
    await app.request('PATCH', path(other), { body: { enabled: false } });
    const off = await app.request<ErrorBody>('POST', path(other, 'replay/'), { body });
    expect(off).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});

describe('webhooks', () => {
  it('are for managers, with a session or a key that may do everything', async () => {
    const webhook = await create();
    const editor = await addMember(app);
    const manager = await addMember(app, { access: 'manager' });
    const narrow = await addAdminKey(app, ['ticket:write', 'conversation:write']);
    for (const key of [editor.key, narrow]) {
      for (const [method, url] of [
        ['GET', WEBHOOKS],
        ['POST', WEBHOOKS],
        ['GET', `${WEBHOOKS}events/`],
        ['GET', path(webhook)],
        ['DELETE', path(webhook)],
        ['POST', path(webhook, 'test/')],
      ] as const) {
        expect([url, (await app.request(method, url, { key })).status]).toEqual([url, 403]);
      }
    }
    expect((await app.request('GET', path(webhook), { key: manager.key })).status).toBe(200);
  });

  it('are found in their own project only', async () => {
    const webhook = await create();
    const other = await addTenant(app);
    const theirs = `/api/projects/${other.projectId}/webhooks/`;
    const { key } = other.owner;
    const test = await app.request<WebhookDelivery>('POST', path(webhook, 'test/'));
    for (const url of [
      `${webhook.id}/`,
      `${webhook.id}/deliveries/`,
      `${webhook.id}/deliveries/${test.body.id}/`,
    ]) {
      expect([url, (await app.request('GET', `${theirs}${url}`, { key })).status]).toEqual([url, 404]);
    }
    expect((await app.request<PageOf<Webhook>>('GET', theirs, { key })).body.count).toBe(0);
    for (const id of ['x', '%00', '1']) expect((await app.request('GET', path({ id }))).status).toBe(404);
  });

  it('test and replay nothing while Support is off', async () => {
    const webhook = await create();
    await setProject(app, { conversations_enabled: false });
    const test = await app.request<ErrorBody>('POST', path(webhook, 'test/'));
    expect(test).toMatchObject({ status: 400, body: { code: 'support_disabled' } });
    await setProject(app, { conversations_enabled: true });
  });

  it('are at most fifty in a project', async () => {
    const missing = 50 - (await list()).length;
    for (let n = 0; n < missing; n += 1) await create();
    const body = { url: URL_OF_HOOK, events: ['*'] };
    const response = await app.request<ErrorBody>('POST', WEBHOOKS, { body });
    expect(response).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });
});
