import type { Comment } from '@parley/contract/comments';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  createTicket,
  customerWrites,
  eventNames,
  eventsOf,
  getTicket,
  listMessages,
  reply,
  setProject,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const COMMENTS = '/api/projects/1/comments/';
const SCOPE = 'conversations_ticket';

interface CommentPage {
  next: string | null;
  previous: string | null;
  results: Comment[];
}

type Answered = Comment & { code: string; attr: string | null };

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const post = (item_id: string, body: object, key?: string) =>
  app.request<Answered>('POST', COMMENTS, {
    body: { scope: SCOPE, item_id, ...body },
    ...(key === undefined ? {} : { key }),
  });
const patch = (id: string, body: unknown, key?: string) =>
  app.request<Answered>('PATCH', `${COMMENTS}${id}/`, { body, ...(key === undefined ? {} : { key }) });
const get = (id: string) => app.request<Comment>('GET', `${COMMENTS}${id}/`);
const list = (query: string) =>
  app.request<CommentPage & { code: string; attr: string }>('GET', `${COMMENTS}?${query}`);
const listOf = (id: string, more = '') => list(`scope=${SCOPE}&item_id=${id}${more}`);

describe('comments.create', () => {
  it('replies to the customer, as tickets.reply does', async () => {
    const { id } = await createTicket(app, { message: 'Help' });
    const answer = await post(id, { content: ' Hello ' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.any(String),
      created_by: expect.objectContaining({ email: 'ada@example.com' }),
      created_at: expect.any(String),
      content: 'Hello',
      rich_content: null,
      version: 0,
      deleted: false,
      scope: SCOPE,
      item_id: id,
      item_context: { author_type: 'support', is_private: false },
      source_comment: null,
    });
    expect(await getTicket(app, id)).toMatchObject({
      status: 'open',
      message_count: 2,
      last_message_text: 'Hello',
    });
    expect(await eventNames(app, id)).toContain('tickets.reply');
    expect((await get(answer.body.id)).body).toEqual(answer.body);
    expect((await post(id, { content: 'Hello' })).body.id).toBe(answer.body.id);
  });

  it('takes nothing of item_context but whether it is private', async () => {
    const { id } = await createTicket(app);
    const item_context = {
      is_private: true,
      from_slack: true,
      author_type: 'customer',
      slack_author_name: 'Eve',
    };
    const { status, body } = await post(id, { content: 'Among us', item_context });
    expect([status, body.item_context]).toEqual([201, { author_type: 'support', is_private: true }]);
    const texts = await post(id, { content: 'Public', item_context: { is_private: 'true' } });
    expect(texts.body.item_context).toMatchObject({ is_private: false });
    expect((await post(id, { content: 'None', item_context: null })).status).toBe(201);
    expect((await getTicket(app, id)).message_count).toBe(2);
  });

  it('takes the words of a document where there is no text', async () => {
    const { id } = await createTicket(app);
    const text = (words: string) => ({ type: 'paragraph', content: [{ type: 'text', text: words }] });
    const rich_content = { type: 'doc', content: [text('One'), text('Two')] };
    expect((await post(id, { rich_content })).body).toMatchObject({ content: 'One\nTwo', rich_content });
    const picture = { type: 'doc', content: [{ type: 'image', attrs: { src: '/x.png' } }] };
    expect((await post(id, { content: null, rich_content: picture })).body).toMatchObject({ content: '' });
  });

  it('refuses bad input, and stores nothing', async () => {
    const { id } = await createTicket(app);
    const foreign = await addTenant(app, 'Comments');
    const theirs = await app.request<{ id: string }>('POST', foreign.tickets, { key: foreign.key, body: {} });
    const empty = { type: 'doc', content: [{ type: 'paragraph' }, { type: 'text', text: ' ' }] };
    const deep = JSON.parse(`${'{"content":['.repeat(30)}{"type":"text","text":"x"}${']}'.repeat(30)}`);
    const refusals: [body: object, code: string, attr: string][] = [
      [{ content: '' }, 'blank', 'content'],
      [{ content: ' \u2003', rich_content: empty }, 'blank', 'content'],
      [{}, 'blank', 'content'],
      [{ content: 'x'.repeat(5001) }, 'max_length', 'content'],
      [{ content: 5 }, 'invalid_input', 'content'],
      [{ content: 'a\0' }, 'null_characters_not_allowed', 'content'],
      [{ content: 'x', rich_content: { t: 'x'.repeat(100_000) } }, 'max_length', 'rich_content'],
      [{ rich_content: { type: 'text', text: 'x'.repeat(5001) } }, 'max_length', 'rich_content'],
      [{ content: 'x', item_context: 'private' }, 'invalid_input', 'item_context'],
      [{ content: 'x', scope: 'Insight' }, 'invalid_choice', 'scope'],
      [{ content: 'x', scope: undefined }, 'required', 'scope'],
      [{ content: 'x', item_id: undefined }, 'required', 'item_id'],
      [{ content: 'x', item_id: '1' }, 'invalid_input', 'item_id'],
      [{ content: 'x', item_id: '01900000-0000-7000-8000-000000000000' }, 'does_not_exist', 'item_id'],
      [{ content: 'x', item_id: theirs.body.id }, 'does_not_exist', 'item_id'],
    ];
    for (const [body, code, attr] of refusals) {
      const answer = await post(id, body);
      expect([body, answer.status, answer.body.code, answer.body.attr]).toEqual([body, 400, code, attr]);
    }
    expect((await post(id, { rich_content: deep })).body.content).toBe('x');
    await setProject(app, { conversations_enabled: false });
    expect((await post(id, { content: 'x' })).body.code).toBe('support_disabled');
    await setProject(app, { conversations_enabled: true });
    expect(await listMessages(app, id)).toHaveLength(1);
  });

  it('needs scopes of tickets, and access to change them', async () => {
    const { id } = await createTicket(app);
    const reading = await addAdminKey(app, ['ticket:read']);
    const replying = await addAdminKey(app, ['ticket:reply']);
    expect((await post(id, { content: 'x' }, reading)).status).toBe(403);
    expect((await post(id, { content: 'x' }, replying)).status).toBe(201);
    const viewer = await addUser(app, 'viewer@example.com', { access: 'viewer' });
    expect((await post(id, { content: 'y' }, await addKey(app, viewer.id))).status).toBe(403);
  });
});

describe('comments.list', () => {
  it('is newest first, in pages without a count', async () => {
    const { id } = await createTicket(app);
    const made: string[] = [];
    for (let n = 1; n <= 5; n += 1) made.unshift((await post(id, { content: `Number ${n}` })).body.id);
    const ids = ({ body }: { body: CommentPage }) => body.results.map((comment) => comment.id);
    const whole = await listOf(id);
    expect([ids(whole), Object.keys(whole.body)]).toEqual([made, ['next', 'previous', 'results']]);
    expect([whole.body.next, whole.body.previous]).toEqual([null, null]);
    const first = await listOf(id, '&limit=2');
    expect([ids(first), first.body.previous]).toEqual([made.slice(0, 2), null]);
    const follow = (link: string | null) => app.request<CommentPage>('GET', link ?? 'none');
    const second = await follow(first.body.next);
    const third = await follow(second.body.next);
    expect([ids(second), ids(third), third.body.next]).toEqual([made.slice(2, 4), made.slice(4), null]);
    expect(ids(await follow(third.body.previous))).toEqual(made.slice(2, 4));
    const back = await follow(second.body.previous);
    expect([ids(back), back.body.previous]).toEqual([made.slice(0, 2), null]);
    expect(ids(await listOf(id, '&cursor=nonsense'))).toEqual(made);
    expect(ids(await list(`item_id=${id}`))).toEqual(made);
  });

  it('shows notes and what customers wrote, not what is deleted', async () => {
    const { id } = await createTicket(app);
    await customerWrites(app, id, 'Help');
    await reply(app, id, 'A note', { is_private: true });
    const gone = await reply(app, id, 'Gone');
    await patch(gone.id, { deleted: true });
    expect((await listOf(id)).body.results).toMatchObject([
      { content: 'A note', item_context: { is_private: true } },
      { content: 'Help', created_by: null, item_context: { author_type: 'customer' } },
    ]);
  });

  it('names a wrong parameter', async () => {
    const { id } = await createTicket(app);
    const cases: [query: string, code: string, attr: string][] = [
      [`scope=${SCOPE}`, 'required', 'item_id'],
      [`scope=${SCOPE}&item_id=`, 'required', 'item_id'],
      [`scope=${SCOPE}&item_id=1`, 'invalid_input', 'item_id'],
      [`scope=${SCOPE}&item_id=01900000-0000-7000-8000-000000000000`, 'does_not_exist', 'item_id'],
      [`scope=Insight&item_id=${id}`, 'invalid_choice', 'scope'],
    ];
    for (const [query, code, attr] of cases) {
      const { status, body } = await list(query);
      expect([query, status, body.code, body.attr]).toEqual([query, 400, code, attr]);
    }
  });
});

describe('comments.update', () => {
  it('rewrites a message of one’s own; figures and the last message stay', async () => {
    const { id } = await createTicket(app);
    const { body: made } = await post(id, { content: 'Helo', rich_content: { type: 'doc' } });
    const before = await getTicket(app, id);
    const answer = await patch(made.id, { content: ' Hello ' });
    expect([answer.status, answer.body]).toEqual([200, { ...made, content: 'Hello', version: 1 }]);
    expect((await patch(made.id, { rich_content: null })).body).toMatchObject({
      rich_content: null,
      version: 2,
    });
    expect(await getTicket(app, id)).toEqual(before);
    expect((await eventsOf(app, id)).at(-1)).toMatchObject({ name: 'messages.update', resource_version: 2 });
    const note = await post(id, { content: 'Note', item_context: { is_private: true } });
    await patch(note.body.id, { content: 'Better note' });
    expect((await eventNames(app, id)).at(-1)).toBe('notes.update');
    expect((await patch(made.id, {})).body.version).toBe(2);
    expect((await patch(made.id, { deleted: false })).body).toMatchObject({ version: 2, deleted: false });
  });

  it('deletes with `deleted: true`, for good', async () => {
    const { id } = await createTicket(app, { message: 'Help' });
    const { body: made } = await post(id, { content: 'Oops' });
    const answer = await patch(made.id, { deleted: true });
    expect([answer.status, answer.body]).toEqual([200, { ...made, deleted: true }]);
    expect(await getTicket(app, id)).toMatchObject({ message_count: 1, last_message_text: 'Help' });
    expect((await get(made.id)).status).toBe(404);
    expect((await patch(made.id, { deleted: false })).status).toBe(404);
    expect((await app.request('DELETE', `${COMMENTS}${made.id}/`)).status).toBe(405);
  });

  it('is for the author alone', async () => {
    const { id } = await createTicket(app, { message: 'Help' });
    const { body: made } = await post(id, { content: 'Mine' });
    const colleague = await addKey(app, (await addUser(app, 'colleague@example.com')).id);
    for (const body of [{ content: 'Theirs' }, { deleted: true }]) {
      const answer = await patch(made.id, body, colleague);
      expect([answer.status, answer.body.code]).toEqual([403, 'not_comment_author']);
    }
    const [customers] = await listMessages(app, id);
    expect((await patch(customers?.id ?? '', { content: 'x' })).status).toBe(403);
    expect((await get(made.id)).body).toEqual(made);
  });

  it('refuses bad input, and does not find what is not there', async () => {
    const { id } = await createTicket(app);
    const { body: made } = await post(id, { content: 'Mine' });
    for (const [body, code, attr] of [
      [{ content: ' ' }, 'blank', 'content'],
      [{ content: null }, 'blank', 'content'],
      [{ content: 'x'.repeat(5001) }, 'max_length', 'content'],
      [{ deleted: 'yes' }, 'invalid_input', 'deleted'],
      [{ deleted: null }, 'null', 'deleted'],
    ] as const) {
      const answer = await patch(made.id, body);
      expect([body, answer.status, answer.body.code, answer.body.attr]).toEqual([body, 400, code, attr]);
    }
    expect((await get(made.id)).body).toEqual(made);
    await app.request('DELETE', ticketPath(id));
    for (const ref of [made.id, 'x', "'", '%00', '01900000-0000-7000-8000-000000000000']) {
      expect((await get(ref)).status).toBe(404);
      expect((await patch(ref, { content: 'x' })).status).toBe(404);
    }
  });
});
