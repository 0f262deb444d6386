import { randomUUID } from 'node:crypto';
import type { Scope } from '@parley/contract/route';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  addAdminKey,
  addEmailConfig,
  addPerson,
  addTenant,
  eventsOf,
  getTicket,
  listMessages,
  setProject,
  TICKETS,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let config: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  config = await addEmailConfig(app, { email: 'help@example.com' });
});
afterAll(() => app.close());

const EMAIL_ON = { email_enabled: true };
const setEmail = (settings: object) => setProject(app, { conversations_settings: settings });
beforeAll(() => setEmail(EMAIL_ON));

/** Valid, and different from every one before: identical requests make one ticket. */
const bodyOf = (more: object = {}) => ({
  recipient_email: 'ann@example.com',
  email_config_id: config,
  email_subject: `Subject ${randomUUID()}`,
  message: 'Hello Ann',
  ...more,
});
const compose = (body: unknown, key?: string) =>
  app.request<{ id: string; ticket_number: number }>('POST', `${TICKETS}compose/`, {
    body,
    ...(key ? { key } : {}),
  });
const composed = async (more: object) => {
  const { status, body } = await compose(bodyOf(more));
  expect([status, body]).toEqual([201, { id: expect.any(String), ticket_number: expect.any(Number) }]);
  return body;
};
const countTickets = async () =>
  (await app.database.kysely.selectFrom('tickets').select('id').execute()).length;

describe('tickets.compose', () => {
  it('answers 201 with the two keys, and makes an open e-mail ticket', async () => {
    const rich_content = { type: 'doc' };
    const { status, body } = await compose(
      bodyOf({ email_subject: 'Order 7', message: ' Hello Ann ', tags: ['VIP'], rich_content }),
    );
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(['id', 'ticket_number']);
    const ticket = await getTicket(app, body.id);
    expect(ticket).toMatchObject({
      ticket_number: body.ticket_number,
      channel_source: 'email',
      channel_detail: null,
      status: 'open',
      email_subject: 'Order 7',
      email_from: 'ann@example.com',
      email_to: 'help@example.com',
      anonymous_traits: { email: 'ann@example.com' },
      tags: ['vip'],
      message_count: 1,
      unread_team_count: 0,
      unread_customer_count: 1,
      last_message_text: 'Hello Ann',
    });
    expect(await listMessages(app, body.id)).toMatchObject([
      { content: 'Hello Ann', author_type: 'human', is_private: false, rich_content },
    ]);
  });

  it('puts one e-mail into the outbox with the message', async () => {
    const { id } = await composed({ email_subject: 'Order 8' });
    const [message] = await listMessages(app, id);
    const rows = await app.database.kysely
      .selectFrom('outbox')
      .selectAll()
      .where('ticket_id', '=', id)
      .execute();
    expect(rows).toMatchObject([
      {
        message_id: message?.id,
        channel: 'email',
        state: 'queued',
        attempts: 0,
        destination: { to: 'ann@example.com', email_config_id: config },
        payload: { subject: 'Order 8', content: 'Hello Ann' },
      },
    ]);
  });

  it('is logged, and reported like a created ticket with a message sent', async () => {
    const { id } = await composed({});
    expect((await activitiesOf(app, id)).map(({ activity }) => activity)).toEqual(['created']);
    const events = await eventsOf(app, id);
    expect(events.map(({ name }) => name)).toEqual(['tickets.create', 'tickets.reply']);
    const [message] = await listMessages(app, id);
    expect(events[1]?.payload).toMatchObject({
      message_id: message?.id,
      message_content: 'Hello Ann',
      author_type: 'team',
      sla_due_at: null,
      sla_active: false,
      sla_breached: false,
      sla_delta_seconds: null,
    });
  });

  it('stores the empty subject when none is given', async () => {
    const { email_subject: _, ...body } = bodyOf({ message: 'Without a subject' });
    const made = await compose(body);
    expect((await getTicket(app, made.body.id)).email_subject).toBe('');
  });

  it('case 108: a distinct id whose person has that address, in any case, is taken', async () => {
    const person = await addPerson(app, ['ann-1'], { email: 'Ann@Example.com' });
    const { id } = await composed({ recipient_distinct_id: 'ann-1', recipient_email: 'aNN@example.COM' });
    expect(await getTicket(app, id)).toMatchObject({ distinct_id: 'ann-1', person: { id: person } });
  });

  it('case 109: another address than the one on file is refused', async () => {
    await addPerson(app, ['bea-1'], { email: 'bea@example.com' });
    const before = await countTickets();
    const { status, body } = await compose(bodyOf({ recipient_distinct_id: 'bea-1' }));
    expect([status, body]).toMatchObject([
      400,
      {
        type: 'validation_error',
        attr: 'recipient_email',
        detail: expect.stringContaining('does not match'),
      },
    ]);
    expect(await countTickets()).toBe(before);
  });

  it('case 110: a person without an address, or no person, is taken', async () => {
    await addPerson(app, ['cat-1'], {});
    await addPerson(app, ['cat-2'], { email: '' });
    for (const recipient_distinct_id of ['cat-1', 'cat-2', 'unheard-of']) {
      const { id } = await composed({ recipient_distinct_id });
      expect((await getTicket(app, id)).distinct_id).toBe(recipient_distinct_id);
    }
  });

  it('without a distinct id it finds the person by address, else takes the address', async () => {
    await addPerson(app, ['dan-1', 'dan-2'], { email: 'dan@example.com' });
    const known = await composed({ recipient_email: 'DAN@example.com' });
    expect((await getTicket(app, known.id)).distinct_id).toBe('dan-1');
    const unknown = await composed({ recipient_email: 'eve@example.com', recipient_distinct_id: '' });
    expect((await getTicket(app, unknown.id)).distinct_id).toBe('eve@example.com');
  });

  it('a person of another project is nobody here', async () => {
    const tenant = await addTenant(app, 'elsewhere');
    await addPerson(app, ['fay-1'], { email: 'fay@example.com' }, tenant.projectId);
    const { id } = await composed({ recipient_email: 'fay@example.com' });
    expect(await getTicket(app, id)).toMatchObject({ distinct_id: 'fay@example.com', person: null });
    expect((await compose(bodyOf({ recipient_distinct_id: 'fay-1' }))).status).toBe(201);
  });

  it('case 111: identity_verified is null', async () => {
    expect((await getTicket(app, (await composed({})).id)).identity_verified).toBeNull();
  });

  it('case 112: {} is a field error with ticket:write and 403 with ticket:read', async () => {
    const withScope = async (scope: Scope) => compose({}, await addAdminKey(app, [scope]));
    expect(await withScope('ticket:write')).toMatchObject({
      status: 400,
      body: { type: 'validation_error', code: 'required', attr: 'recipient_email' },
    });
    expect(await withScope('ticket:read')).toMatchObject({
      status: 403,
      body: { type: 'authentication_error', code: 'permission_denied', attr: null },
    });
    expect((await withScope('ticket:reply')).status).toBe(403);
  });

  it('checks the body, then Support, then e-mail, then the channel, then the recipient', async () => {
    await addPerson(app, ['gus-1'], { email: 'gus@example.com' });
    const wrongChannel = bodyOf({
      recipient_distinct_id: 'gus-1',
      email_config_id: '01900000-0000-7000-8000-000000000000',
    });
    const refusal = async (body: unknown) => (await compose(body)).body;
    await setProject(app, { conversations_enabled: false, conversations_settings: {} });
    expect(await refusal({})).toMatchObject({ code: 'required', attr: 'recipient_email' });
    expect(await refusal(wrongChannel)).toMatchObject({ code: 'support_disabled', attr: null });
    await setProject(app, { conversations_enabled: true });
    expect(await refusal(wrongChannel)).toMatchObject({ code: 'email_disabled', attr: null });
    await setEmail(EMAIL_ON);
    expect(await refusal(wrongChannel)).toMatchObject({ code: 'does_not_exist', attr: 'email_config_id' });
    expect(await refusal({ ...wrongChannel, email_config_id: config })).toMatchObject({
      attr: 'recipient_email',
    });
  });

  it('refuses a channel that is not verified or belongs to another project', async () => {
    const tenant = await addTenant(app, 'foreign-channel');
    const foreign = await addEmailConfig(app, { projectId: tenant.projectId });
    const unverified = await addEmailConfig(app, { isVerified: false });
    const before = await countTickets();
    for (const email_config_id of [foreign, unverified]) {
      const { status, body } = await compose(bodyOf({ email_config_id }));
      expect([status, body]).toMatchObject([400, { code: 'does_not_exist', attr: 'email_config_id' }]);
    }
    expect(await countTickets()).toBe(before);
  });
});

describe('tickets.compose: the duplicate guard', () => {
  it('an identical request is the same ticket and no second e-mail, for 120 seconds', async () => {
    const body = bodyOf({ tags: ['a'] });
    const first = await compose(body);
    app.clock.advance(119_999);
    const again = await compose(body);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    const sent = await app.database.kysely
      .selectFrom('outbox')
      .select('id')
      .where('ticket_id', '=', first.body.id)
      .execute();
    expect(sent).toHaveLength(1);
    app.clock.advance(1);
    expect((await compose(body)).status).toBe(201);
  });

  it('requests sent at once are one ticket: one 201, the others 200 or 409', async () => {
    const body = bodyOf();
    const before = await countTickets();
    const answers = await Promise.all(Array.from({ length: 5 }, () => compose(body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      if (answer.status === 409) expect(answer.body).toMatchObject({ error_type: 'compose_in_progress' });
      else expect(answer.status).toBe(200);
    }
    expect(await countTickets()).toBe(before + 1);
  });

  it('any difference makes another ticket', async () => {
    const body = bodyOf();
    await compose(body);
    for (const more of [
      { message: 'Hello again' },
      { email_subject: 'Another' },
      { recipient_email: 'zoe@example.com' },
      { tags: ['x'] },
      { rich_content: { type: 'doc' } },
    ]) {
      expect((await compose({ ...body, ...more })).status).toBe(201);
    }
  });
});
