import type { Message } from '@parley/contract/messages';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addEmailConfig,
  createTicket,
  getTicket,
  reply,
  setProject,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const send = <T = Ticket>(method: string, path: string, form: string) =>
  app.request<T>(method, path, { form });
const create = (form: string) => send('POST', TICKETS, form);

describe('form bodies', () => {
  it('the published curl examples work as they are printed', async () => {
    const created = await create('ticket_number=integer');
    expect(created.status).toBe(201);
    const patched = await send('PATCH', ticketPath(created.body.id), 'ticket_number=integer');
    expect([patched.status, patched.body]).toMatchObject([
      200,
      { ticket_number: created.body.ticket_number },
    ]);
  });

  it('fields become the types of the route', async () => {
    const { status, body } = await create(
      'status=open&priority=high&ai_resolved=True&escalation_reason=5&distinct_id=7' +
        '&sla_due_at=2026-05-01T00%3A00%3A00Z&anonymous_traits=%7B%22name%22%3A%22Ann%22%7D&message=Hello+Ann%21',
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'open',
      priority: 'high',
      ai_resolved: true,
      escalation_reason: '5',
      distinct_id: '7',
      sla_due_at: '2026-05-01T00:00:00.000Z',
      anonymous_traits: { name: 'Ann' },
      last_message_text: 'Hello Ann!',
    });
  });

  it('repeated fields make a list, or the last of them counts', async () => {
    expect((await create('tags=b&tags=A&status=new&status=open')).body).toMatchObject({
      tags: ['a', 'b'],
      status: 'open',
    });
    expect((await create('tags=one')).body.tags).toEqual(['one']);
    expect((await create(`tags=${encodeURIComponent('["x","y"]')}`)).body.tags).toEqual(['x', 'y']);
    expect((await create('tags=%5Bnot+json')).body).toMatchObject({ code: 'invalid_input', attr: 'tags' });
  });

  it('an assignee is JSON, and null clears it', async () => {
    const { id } = await createTicket(app);
    const assignee = encodeURIComponent('{"type":"user","id":1}');
    expect((await send('PATCH', ticketPath(id), `assignee=${assignee}`)).body.assignee).toMatchObject({
      id: 1,
    });
    expect((await send('PATCH', ticketPath(id), 'assignee=somebody')).body).toMatchObject({
      code: 'invalid_input',
      attr: 'assignee',
    });
    expect((await send('PATCH', ticketPath(id), 'assignee=null')).body.assignee).toBeNull();
  });

  it('an empty field is null where a text has no meaning, and the empty text elsewhere', async () => {
    const { id } = await createTicket(app, {
      priority: 'high',
      sla_due_at: '2030-01-01T00:00:00Z',
      snoozed_until: '2030-01-01T00:00:00Z',
    });
    const form = 'priority=&sla_due_at=&snoozed_until=&escalation_reason=&tags=';
    expect((await send('PUT', ticketPath(id), form)).body).toMatchObject({
      priority: null,
      sla_due_at: null,
      snoozed_until: null,
      escalation_reason: '',
      tags: [],
      status: 'open',
    });
    expect((await send('PATCH', ticketPath(id), 'status=')).body).toMatchObject({ attr: 'status' });
  });

  it('errors are those of a JSON body', async () => {
    const { id } = await createTicket(app);
    for (const [form, code, attr] of [
      ['status=bogus', 'invalid_choice', 'status'],
      ['ai_resolved=yes', 'invalid_input', 'ai_resolved'],
      ['snoozed_until=tomorrow', 'invalid_input', 'snoozed_until'],
      ['tags=ok&tags=%00', 'null_characters_not_allowed', 'tags'],
      ['escalation_reason=a%00b', 'null_characters_not_allowed', 'escalation_reason'],
      [
        `anonymous_traits=${encodeURIComponent('{"a":"\\u0000"}')}`,
        'null_characters_not_allowed',
        'anonymous_traits__a',
      ],
      ['anonymous_traits=null', 'null', 'anonymous_traits'],
    ] as const) {
      const { status, body } = await send<object>('PATCH', ticketPath(id), form);
      expect([form, status, body]).toMatchObject([form, 400, { type: 'validation_error', code, attr }]);
    }
    expect((await getTicket(app, id)).version).toBe(1);
  });

  it('broken escapes, bare names and prototypes do no harm', async () => {
    const { status, body } = await create(
      '%zz=%&=&&&a&__proto__=x&constructor=y&toString=z&anonymous_traits=%7B%22__proto__%22%3A1%7D',
    );
    expect([status, body]).toMatchObject([201, { status: 'new', anonymous_traits: {} }]);
    const deep = '['.repeat(40_000) + ']'.repeat(40_000);
    expect((await create(`anonymous_traits=${deep}`)).status).toBe(201);
    const many = Array.from({ length: 100_000 }, (_, n) => `f${n}=1`).join('&');
    expect((await create(many)).status).toBe(201);
  });

  it('every route of tickets that reads a body reads forms', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const { id } = await createTicket(app);
    const other = await createTicket(app);
    const note = await reply(app, id, 'A note', { is_private: true });
    const both = `ids=${id}&ids=${other.id}`;
    const email = `recipient_email=ann%40example.com&email_config_id=${await addEmailConfig(app)}`;
    const answers: [path: string, form: string, status: number, body: object][] = [
      ['bulk_update_status/', `${both}&status=pending`, 200, { updated: 2 }],
      ['bulk_update_tags/', `${both}&action=add&tags=a&tags=b`, 200, { skipped: [] }],
      [`${id}/reply/`, 'message=Hello&is_private=true', 201, { content: 'Hello', is_private: true }],
      ['compose/', `${email}&message=Hello&tags=x`, 201, {}],
      [`${id}/read/`, '', 200, { id }],
      [`${id}/restore/`, '', 404, { code: 'not_found' }],
    ];
    for (const [path, form, status, body] of answers) {
      const answer = await send<object>('POST', `${TICKETS}${path}`, form);
      expect([path, answer.status, answer.body]).toMatchObject([path, status, body]);
    }
    const edited = await send<Message>('PATCH', ticketPath(id, `notes/${note.id}/`), 'message=Edited');
    expect(edited.body).toMatchObject({ content: 'Edited', version: 1 });
    expect((await send('DELETE', ticketPath(id), '')).status).toBe(204);
  });
});
