import type { ExternalTicket } from '@parley/contract/external-tickets';
import type { Message } from '@parley/contract/messages';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSecret } from '#features/external-tickets/testing.ts';
import { merge, unmerge } from '#features/ticket-merge/testing.ts';
import { signServiceToken } from '#platform/service-token.ts';
import {
  activitiesOf,
  addTenant,
  adminId,
  createTicket,
  eventsOf,
  getTicket,
  listMessages,
  setProject,
  type Tenant,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, SERVICE_SECRET, type TestApp } from '../../testing/test-app.ts';

const FLOW = '01900000-0000-7000-8000-0000000000ab';

let app: TestApp;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'Others');
});
afterAll(() => app.close());

const pathOf = (id: string, project = 1) => `/api/projects/${project}/internal/conversations/tickets/${id}`;

function tokenFor(
  ticketId: string | undefined,
  { projectId = 1, name = 'Onboarding', secret = SERVICE_SECRET } = {},
) {
  return signServiceToken(secret, { projectId, ticketId, name }, { now: app.clock.now() });
}

/** A token with any claims, as another implementation would sign it. */
function anyToken(claims: Record<string, unknown>, alg = 'HS256'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(SERVICE_SECRET));
}

async function send<T>(method: string, id: string, body?: unknown, headers = {}) {
  const key = await tokenFor(id);
  return app.request<T>(method, pathOf(id), { key, headers, ...(body === undefined ? {} : { body }) });
}

const post = (id: string, body: object) => send<Message>('POST', id, body);

describe('who is let in', () => {
  it('case 146: a token for another ticket gets 403, one for another team 401', async () => {
    const [{ id }, other] = [await createTicket(app), await createTicket(app)];
    const statusOf = async (key: string) => {
      const { status, body } = await app.request<{ code: string }>('GET', pathOf(id), { key });
      return [status, body.code];
    };
    expect(await statusOf(await tokenFor(other.id))).toEqual([403, 'permission_denied']);
    expect(await statusOf(await tokenFor(undefined))).toEqual([403, 'permission_denied']);
    expect(await statusOf(await tokenFor(id, { projectId: tenant.projectId }))).toEqual([
      401,
      'authentication_failed',
    ]);
    const foreign = await tokenFor(id, { projectId: tenant.projectId });
    expect((await app.request('GET', pathOf(id, tenant.projectId), { key: foreign })).status).toBe(404);
    expect((await app.request('GET', pathOf(id), { key: await tokenFor(id) })).status).toBe(200);
    expect(
      (await app.request('GET', pathOf(id, 4_000_000), { key: await tokenFor(id, { projectId: 4_000_000 }) }))
        .status,
    ).toBe(401);
  });

  it('expired, long-lived, foreign, unsigned and legacy tokens get 401', async () => {
    const { id } = await createTicket(app);
    const now = Math.floor(app.clock.now().getTime() / 1000);
    const good = { team_id: 1, ticket_id: id, purpose: 'internal_tickets', exp: now + 60 };
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good)).toString('base64url')}.`;
    const tokens = [
      await anyToken({ ...good, exp: now }),
      await anyToken({ ...good, exp: now + 3601 }),
      await anyToken({ ...good, exp: undefined }),
      await anyToken({ ...good, exp: 1e300 }),
      await anyToken({ ...good, purpose: 'widget' }),
      await anyToken({ ...good, purpose: undefined }),
      await anyToken({ ...good, team_id: '1' }),
      await anyToken({ ...good, team_id: undefined }),
      await anyToken({ ...good, nbf: now + 10 }),
      await anyToken(good, 'HS512'),
      await tokenFor(id, { secret: 'another secret that is long enough to be one' }),
      none,
      'x.y.z',
      'legacy',
      (await newSecret(app)).secret,
    ];
    for (const key of tokens) {
      const { status, body } = await app.request<{ code: string }>('GET', pathOf(id), { key });
      expect([key, status, body.code]).toEqual([key, 401, 'authentication_failed']);
    }
    expect((await app.request('GET', pathOf(id), { key: await anyToken(good) })).status).toBe(200);
    app.clock.advance(60_000);
    expect((await app.request('GET', pathOf(id), { key: await anyToken(good) })).status).toBe(401);
  });

  it('nobody where no secret is provisioned', async () => {
    const closed = await createTestApp({ roles: ['http'], environment: { PARLEY_SERVICE_SECRET: '' } });
    try {
      const { id } = await createTicket(closed);
      for (const secret of [SERVICE_SECRET, 'undefined']) {
        const claims = { projectId: 1, ticketId: id, name: 'x' };
        const key = await signServiceToken(secret, claims, { now: closed.clock.now() });
        expect((await closed.request('GET', pathOf(id), { key })).status).toBe(401);
      }
    } finally {
      await closed.close();
    }
  });

  it('case 133: 403 where Support is off, 404 for an unknown or deleted ticket', async () => {
    const { id } = await createTicket(app);
    await setProject(app, { conversations_enabled: false });
    const off = [
      await send('GET', id),
      await send('PATCH', id, {}),
      await post(id, { message: 'x', idempotency_key: 'x' }),
    ];
    await setProject(app, { conversations_enabled: true });
    expect(off.map(({ status }) => status)).toEqual([403, 403, 403]);
    await app.request('DELETE', ticketPath(id));
    for (const gone of [id, '01900000-0000-7000-8000-000000000000']) {
      expect((await send('GET', gone)).status).toBe(404);
      expect((await send('PATCH', gone, {})).status).toBe(404);
      expect((await post(gone, { message: 'x', idempotency_key: 'x' })).status).toBe(404);
    }
    expect((await app.request('GET', pathOf('1'), { key: await tokenFor('1') })).status).toBe(404);
  });
});

describe('internal_tickets.retrieve and update', () => {
  it('do what the external route does, with errors in the usual form', async () => {
    const { id } = await createTicket(app, { message: 'Help', tags: ['a'] });
    const shown = await send<ExternalTicket>('GET', `${id}`);
    expect(shown.body).toMatchObject({ id, number: expect.any(Number), sla: null, tags: ['a'] });
    const changed = await send(
      'PATCH',
      id,
      { tags: ['b'], priority: 'low' },
      { 'x-posthog-hog-flow-id': FLOW },
    );
    expect([changed.status, changed.body]).toEqual([200, { ok: true }]);
    expect(await getTicket(app, id)).toMatchObject({
      tags: ['a', 'b'],
      priority: 'low',
      unread_team_count: 1,
    });
    expect((await activitiesOf(app, id)).at(-1)?.detail).toMatchObject({ trigger: { job_id: FLOW } });
    const wrong = await send('PATCH', id, { sla_amount: 0 });
    expect([wrong.status, wrong.body]).toMatchObject([400, { code: 'min_value', attr: 'sla_amount' }]);
  });
});

describe('internal_tickets.post_message', () => {
  it('writes as the workflow, for nobody of the team', async () => {
    const { id } = await createTicket(app, { message: 'Help' });
    const answer = await post(id, { message: ' Welcome! ', idempotency_key: 'k1' });
    expect([answer.status, answer.body]).toMatchObject([
      201,
      {
        content: 'Welcome!',
        is_private: false,
        author_type: 'workflow',
        author_name: 'Onboarding',
        author_email: null,
      },
    ]);
    expect(await getTicket(app, id)).toMatchObject({
      status: 'new',
      message_count: 2,
      last_message_text: 'Welcome!',
      unread_customer_count: 0,
    });
    const events = (await eventsOf(app, id)).filter(({ name }) => name === 'tickets.reply');
    expect(events).toMatchObject([
      { payload: { message_id: answer.body.id }, actor: { actor_type: 'external' } },
    ]);
    const note = await post(id, { message: 'Among us', is_private: true, idempotency_key: 'k2' });
    expect([note.status, note.body.is_private]).toEqual([201, true]);
    expect((await getTicket(app, id)).message_count).toBe(2);
    expect((await eventsOf(app, id)).at(-1)?.name).toBe('notes.create');
  });

  it('case 147: the same key again answers 200 with the first message, whatever the text', async () => {
    const [{ id }, other] = [await createTicket(app), await createTicket(app)];
    const first = await post(id, { message: 'One', idempotency_key: 'same' });
    const again = await post(id, { message: 'Two', is_private: true, idempotency_key: 'same' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await post(id, { message: 'One', idempotency_key: 'new' })).status).toBe(201);
    expect((await post(other.id, { message: 'One', idempotency_key: 'same' })).status).toBe(201);
    expect(await listMessages(app, id)).toHaveLength(2);
    expect((await eventsOf(app, id)).filter(({ name }) => name === 'tickets.reply')).toHaveLength(2);
  });

  it('posts once per key though its ticket is merged or unmerged in between', async () => {
    const [one, two] = [await createTicket(app), await createTicket(app)];
    const before = await post(one.id, { message: 'Hello', idempotency_key: 'k' });
    const other = await post(two.id, { message: 'Other', idempotency_key: 'k' });
    expect((await merge(app, one.id, { target: two.id, allow_different_customers: true })).status).toBe(200);
    const again = await post(one.id, { message: 'Hello', idempotency_key: 'k' });
    expect([again.status, again.body.id]).toEqual([200, before.body.id]);
    const otherAgain = await post(two.id, { message: 'Other', idempotency_key: 'k' });
    expect([otherAgain.status, otherAgain.body.id]).toEqual([200, other.body.id]);
    const merged = await post(one.id, { message: 'While merged', idempotency_key: 'k2' });
    expect((await post(two.id, { message: 'New', idempotency_key: 'k2' })).status).toBe(201);
    await unmerge(app, one.id);
    const after = await post(one.id, { message: 'While merged', idempotency_key: 'k2' });
    expect([after.status, after.body.id]).toEqual([200, merged.body.id]);
    expect([...(await listMessages(app, one.id)), ...(await listMessages(app, two.id))]).toHaveLength(4);
  });

  it('a note tells whom it mentions', async () => {
    const { id } = await createTicket(app);
    const ada = await adminId(app);
    const note = `@[Ada](user:${ada}) look`;
    const answer = await post(id, { message: note, is_private: true, idempotency_key: 'mention' });
    expect([answer.status, answer.body.mentions]).toEqual([201, [ada]]);
    const event = (await eventsOf(app, id)).find(({ name }) => name === 'notes.create');
    expect(event?.payload).toMatchObject({ message_id: answer.body.id, new_mentions: [ada] });
  });

  it('posts once when the same key comes several times at once', async () => {
    const { id } = await createTicket(app);
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => post(id, { message: `Attempt ${n}`, idempotency_key: 'race' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await listMessages(app, id)).toHaveLength(1);
  });

  it('refuses bad input, and stores nothing', async () => {
    const { id } = await createTicket(app);
    const good = { message: 'x', idempotency_key: 'bad' };
    const refusals: [body: object, code: string, attr: string][] = [
      [{ message: ' \n' }, 'blank', 'message'],
      [{ message: undefined }, 'required', 'message'],
      [{ message: 'x'.repeat(5001) }, 'max_length', 'message'],
      [{ message: 'a\0' }, 'null_characters_not_allowed', 'message'],
      [{ is_private: 'true' }, 'invalid_input', 'is_private'],
      [{ idempotency_key: undefined }, 'required', 'idempotency_key'],
      [{ idempotency_key: '' }, 'blank', 'idempotency_key'],
      [{ idempotency_key: 'x'.repeat(256) }, 'max_length', 'idempotency_key'],
      [{ idempotency_key: 5 }, 'invalid_input', 'idempotency_key'],
    ];
    for (const [more, code, attr] of refusals) {
      const { status, body } = await send<object>('POST', id, { ...good, ...more });
      expect([more, status, body]).toMatchObject([more, 400, { code, attr }]);
    }
    expect(await listMessages(app, id)).toEqual([]);
  });
});
