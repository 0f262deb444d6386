import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTicket, getTicket, listMessages, reply, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let id: string;
let note: Message;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ id } = await createTicket(app));
  note = await reply(app, id, 'A note', { is_private: true });
});
afterAll(() => app.close());

type Refusal = readonly [body: object, code: string, attr: string];

const words: Refusal[] = [
  [{ message: undefined }, 'required', 'message'],
  [{ message: null }, 'null', 'message'],
  [{ message: '' }, 'blank', 'message'],
  [{ message: '\u00a0\u2003\t\r\n' }, 'blank', 'message'],
  [{ message: 5 }, 'invalid_input', 'message'],
  [{ message: ['x'] }, 'invalid_input', 'message'],
  [{ message: { text: 'x' } }, 'invalid_input', 'message'],
  [{ message: 'x'.repeat(5001) }, 'max_length', 'message'],
  [{ message: ' '.repeat(5001) }, 'max_length', 'message'],
  [{ message: 'a\0b' }, 'null_characters_not_allowed', 'message'],
  [{ rich_content: { a: ['\0'] } }, 'null_characters_not_allowed', 'rich_content__a__0'],
  [{ rich_content: { text: 'x'.repeat(100_000) } }, 'max_length', 'rich_content'],
];
const privacy: Refusal[] = [
  [{ is_private: null }, 'null', 'is_private'],
  [{ is_private: 'true' }, 'invalid_input', 'is_private'],
  [{ is_private: 1 }, 'invalid_input', 'is_private'],
];

async function expectRefused(method: string, path: string, refusals: readonly Refusal[]): Promise<void> {
  const before = [await getTicket(app, id), await listMessages(app, id)];
  for (const [body, code, attr] of refusals) {
    const response = await app.request(method, path, { body: { message: 'Hello', ...body } });
    const name = JSON.stringify(body).slice(0, 80);
    expect({ name, status: response.status, body: response.body }).toEqual({
      name,
      status: 400,
      body: { type: 'validation_error', code, detail: expect.any(String), attr },
    });
  }
  expect([await getTicket(app, id), await listMessages(app, id)]).toEqual(before);
}

describe('bad input', () => {
  it('tickets.reply', () => expectRefused('POST', ticketPath(id, 'reply/'), [...words, ...privacy]));
  it('notes.update', () => expectRefused('PATCH', ticketPath(id, `notes/${note.id}/`), words));
});

describe('odd but good input', () => {
  it('a message is kept as it is, but for blanks around it', async () => {
    const { id: other } = await createTicket(app);
    const text = `\u0001"';drop table messages;--\u2028 %s \\u0000 <script>alert(1)</script> 東京 🎉`;
    const rich_content = { type: 'doc', attrs: { text, n: 1.5, none: null } };
    const message = await reply(app, other, `\n ${text}\t`, { rich_content });
    expect(message).toMatchObject({ content: text, rich_content });
    expect(await listMessages(app, other)).toEqual([message]);
    expect((await reply(app, other, '🎉'.repeat(5000))).content).toHaveLength(10_000);
  });

  it('rich content may be any JSON', async () => {
    const { id: other } = await createTicket(app);
    for (const [n, rich_content] of [[], {}, 'text', 5, false, null].entries()) {
      expect((await reply(app, other, `message ${n}`, { rich_content })).rich_content).toEqual(rich_content);
    }
  });

  it('unknown and read-only fields are ignored', async () => {
    const { id: other } = await createTicket(app);
    const stray = {
      id: note.id,
      author_type: 'customer',
      author_name: 'Mallory',
      author_user_id: 99,
      version: 7,
      created_at: '2001-01-01T00:00:00Z',
      has_full_email_content: true,
      item_context: { is_private: true },
    };
    const message = await reply(app, other, 'Hello', stray);
    expect(message).toMatchObject({ author_type: 'support', is_private: false, version: 0 });
    expect([message.id, message.created_at, message.author_name]).not.toEqual(
      expect.arrayContaining([note.id, stray.created_at, 'Mallory']),
    );
    const edited = await app.request<Message>('PATCH', ticketPath(id, `notes/${note.id}/`), {
      body: { message: 'Edited', ...stray, is_private: false },
    });
    expect(edited.body).toEqual({ ...note, content: 'Edited', version: 1 });
    note = edited.body;
  });
});
