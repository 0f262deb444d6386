import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followersOf } from '#features/followers/followers.service.ts';
import {
  addTenant,
  addUser,
  adminId,
  createTicket,
  eventsOf,
  listMessages,
  reply,
  SYSTEM,
  type TestUser,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { readMentions } from './mentions.ts';

let app: TestApp;
let ana: TestUser;
let ben: TestUser;
let stranger: TestUser;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ana = await addUser(app, 'ana@example.com');
  ben = await addUser(app, 'ben@example.com');
  stranger = (await addTenant(app, 'elsewhere')).owner;
});
afterAll(() => app.close());

const mention = (id: unknown) => ({ type: 'mention', attrs: { id, label: 'Ana' } });
const doc = (...content: unknown[]) => ({ type: 'doc', content: [{ type: 'paragraph', content }] });
const note = (id: string, message: string, rich_content?: unknown) =>
  reply(app, id, message, { is_private: true, rich_content });
const followers = (id: string) =>
  app.parley.unitOfWork.read(SYSTEM, (context) => followersOf(context, 1, id));
const edit = async (id: string, noteId: string, body: object) =>
  (await app.request<Message>('PATCH', ticketPath(id, `notes/${noteId}/`), { body })).body;

describe('mentions in notes', () => {
  it('case I90: who is mentioned is shown on the note, told by its event, and follows the ticket', async () => {
    const { id } = await createTicket(app);
    const written = await note(id, 'Ana?', doc({ type: 'text', text: 'Ana?' }, mention(ana.id)));
    expect(written.mentions).toEqual([ana.id]);
    expect((await listMessages(app, id))[0]?.mentions).toEqual([ana.id]);
    expect((await eventsOf(app, id)).find(({ name }) => name === 'notes.create')?.payload).toMatchObject({
      message_id: written.id,
      mentions: [ana.id],
      new_mentions: [ana.id],
    });
    expect(await followers(id)).toEqual([ana.id]);
  });

  it('may be written as text; the author does not follow for writing', async () => {
    const { id } = await createTicket(app);
    const text = `@[Ana](user:${ana.id}) and @[Ben B.](user:${ben.id}), not @ana or [Ben](user:1)`;
    expect((await note(id, text)).mentions).toEqual([ana.id, ben.id]);
    expect(await followers(id)).toEqual([ana.id, ben.id]);
  });

  it('an edit replaces them, and tells of the new ones', async () => {
    const { id } = await createTicket(app);
    const { id: noteId } = await note(id, `@[Ana](user:${ana.id})`);
    const message = `@[Ana](user:${ana.id}) @[Ben](user:${ben.id})`;
    expect((await edit(id, noteId, { message })).mentions).toEqual([ana.id, ben.id]);
    expect((await eventsOf(app, id)).at(-1)).toMatchObject({
      name: 'notes.update',
      payload: { mentions: [ana.id, ben.id], new_mentions: [ben.id] },
    });
    expect((await edit(id, noteId, { message: 'nobody' })).mentions).toEqual([]);
    // Who has been told goes on following.
    expect(await followers(id)).toEqual([ana.id, ben.id]);
  });

  it('people who cannot see the project are ignored', async () => {
    const { id } = await createTicket(app);
    const shut = await addUser(app, 'shut@example.com', { access: 'none' });
    const others = [stranger.id, shut.id, 2_000_000_000, 0, -1, 1.5, '7x', null, {}, 1e300];
    const written = await note(id, `@[x](user:${stranger.id})`, doc(...others.map(mention)));
    expect(written.mentions).toEqual([]);
    expect(await followers(id)).toEqual([]);
  });

  it('a public reply mentions nobody', async () => {
    const { id } = await createTicket(app);
    expect((await reply(app, id, `@[Ana](user:${ana.id})`)).mentions).toEqual([]);
    expect(await followers(id)).toEqual([]);
  });

  it('count a name once, however often and deep it is written', async () => {
    const { id } = await createTicket(app);
    const me = await adminId(app);
    const deep = (depth: number): unknown =>
      depth === 0 ? mention(String(me)) : { type: 'blockquote', content: [deep(depth - 1)] };
    const written = await note(id, `@[me](user:${me})`, doc(deep(20), deep(1)));
    expect(written.mentions).toEqual([me]);
  });

  it('reads at most 100 and nothing else out of a text', () => {
    const many = Array.from({ length: 150 }, (_, n) => `@[n](user:${n + 1})`).join(' ');
    expect(readMentions(many, null)).toHaveLength(100);
    for (const text of [
      '@[](user:1)',
      '@[a](user:)',
      '@[a] (user:1)',
      '@[a\nb](user:1)',
      '@[a](user:99999999999)',
    ])
      expect(readMentions(text, null)).toEqual([]);
    expect(readMentions('', { type: 'mention' })).toEqual([]);
    expect(readMentions('', ['mention', { type: 'mention', attrs: null }])).toEqual([]);
  });
});
