import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addKey,
  addTenant,
  addUser,
  createTicket,
  eventsOf,
  getTicket,
  listMessages,
  reply,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const UNKNOWN = '01900000-0000-7000-8000-000000000000';

let app: TestApp;
let colleague: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  colleague = await addKey(app, (await addUser(app, 'colleague@example.com')).id);
});
afterAll(() => app.close());

interface Options {
  body?: unknown;
  key?: string;
}
const edit = (ticket: string, note: string, { body = { message: 'Edited' }, key }: Options = {}) =>
  app.request<Message>('PATCH', ticketPath(ticket, `notes/${note}/`), { body, ...(key ? { key } : {}) });
const remove = (ticket: string, note: string, { key }: Options = {}) =>
  app.request('DELETE', ticketPath(ticket, `notes/${note}/`), key ? { key } : {});
const addNote = (ticket: string, message = 'A note', rich_content: unknown = { type: 'doc' }) =>
  reply(app, ticket, message, { is_private: true, rich_content });

function error(code: string, status: number) {
  const type = status === 400 ? 'validation_error' : 'invalid_request';
  return { status, body: { type, code, attr: null, error_type: code } };
}

describe('notes.update', () => {
  it('rewrites my note, one version on, and nothing of the ticket', async () => {
    const { id } = await createTicket(app, { message: 'Hello' });
    const note = await addNote(id);
    const before = await getTicket(app, id);
    const { status, body } = await edit(id, note.id, {
      body: { message: ' Better ', rich_content: { type: 'doc', n: 2 } },
    });
    expect(status).toBe(200);
    expect(body).toEqual({ ...note, content: 'Better', rich_content: { type: 'doc', n: 2 }, version: 1 });
    expect(await getTicket(app, id)).toEqual(before);
    expect((await eventsOf(app, id)).at(-1)).toMatchObject({
      name: 'notes.update',
      resource_id: note.id,
      resource_version: 1,
    });
  });

  it("case 105: somebody else's note is refused and stays", async () => {
    const { id } = await createTicket(app);
    const note = await addNote(id);
    expect(await edit(id, note.id, { key: colleague })).toMatchObject(error('not_note_author', 403));
    expect(await remove(id, note.id, { key: colleague })).toMatchObject(error('not_note_author', 403));
    expect(await listMessages(app, id)).toEqual([note]);
  });

  it('case 106: a public reply is no note', async () => {
    const { id } = await createTicket(app);
    const message = await reply(app, id, 'In public');
    for (const key of [undefined, colleague]) {
      const options = key ? { key } : {};
      expect(await edit(id, message.id, options)).toMatchObject(error('not_private_note', 400));
      expect(await remove(id, message.id, options)).toMatchObject(error('not_private_note', 400));
    }
    expect(await listMessages(app, id)).toEqual([message]);
  });

  it('case 107: leaving rich_content out clears it', async () => {
    const { id } = await createTicket(app);
    const note = await addNote(id);
    expect(note.rich_content).toEqual({ type: 'doc' });
    expect((await edit(id, note.id)).body.rich_content).toBeNull();
    expect((await listMessages(app, id))[0]).toMatchObject({ content: 'Edited', rich_content: null });
  });

  it('is not found under a bad id, another ticket, another project, or when it is gone', async () => {
    const { id } = await createTicket(app);
    const other = await createTicket(app);
    const note = await addNote(id);
    const gone = await addNote(id, 'Gone');
    await remove(id, gone.id);
    for (const [ticket, ref] of [
      [id, 'not-a-uuid'],
      [id, UNKNOWN],
      [id, '%00'],
      [id, `urn:uuid:${note.id}`],
      [other.id, note.id],
      [id, gone.id],
    ] as const) {
      expect(await edit(ticket, ref)).toMatchObject(error('note_not_found', 404));
      expect(await remove(ticket, ref)).toMatchObject(error('note_not_found', 404));
    }
    const tenant = await addTenant(app, 'elsewhere');
    const theirs = `${tenant.tickets}${id}/notes/${note.id}/`;
    const options = { key: tenant.key, body: { message: 'x' } };
    expect((await app.request('PATCH', theirs, options)).body).toMatchObject({ code: 'not_found' });
    expect((await listMessages(app, id)).map(({ content }) => content)).toEqual(['A note']);
  });

  it('looks at the note before the body', async () => {
    const { id } = await createTicket(app);
    const note = await addNote(id);
    const message = await reply(app, id, 'In public');
    expect(await edit(id, UNKNOWN, { body: {} })).toMatchObject(error('note_not_found', 404));
    expect(await edit(id, message.id, { body: {} })).toMatchObject(error('not_private_note', 400));
    expect(await edit(id, note.id, { body: {}, key: colleague })).toMatchObject(
      error('not_note_author', 403),
    );
    for (const [body, code] of [
      [{}, 'required'],
      [{ message: '  ' }, 'blank'],
      [{ message: null }, 'null'],
      [{ message: 'x'.repeat(5001) }, 'max_length'],
      [{ message: ['x'] }, 'invalid_input'],
    ] as const) {
      expect(await edit(id, note.id, { body })).toMatchObject({
        status: 400,
        body: { code, attr: 'message' },
      });
    }
    const long = { message: 'x', rich_content: 'x'.repeat(100_000) };
    expect((await edit(id, note.id, { body: long })).body).toMatchObject({ attr: 'rich_content' });
    expect((await listMessages(app, id))[0]).toEqual(note);
  });
});

describe('notes.delete', () => {
  it('hides my note, once', async () => {
    const { id } = await createTicket(app, { message: 'Hello' });
    const note = await addNote(id);
    const before = await getTicket(app, id);
    const first = await remove(id, note.id);
    expect([first.status, first.text]).toEqual([204, '']);
    expect(await remove(id, note.id)).toMatchObject(error('note_not_found', 404));
    expect((await listMessages(app, id)).map(({ content }) => content)).toEqual(['Hello']);
    expect(await getTicket(app, id)).toEqual(before);
    const deletions = (await eventsOf(app, id)).filter(({ name }) => name === 'notes.delete');
    expect(deletions).toMatchObject([{ resource_id: note.id }]);
  });

  it('needs ticket:write', async () => {
    const { id } = await createTicket(app);
    const note = await addNote(id);
    const key = await addKey(app, 1, ['ticket:read', 'ticket:reply']);
    expect((await edit(id, note.id, { key })).status).toBe(403);
    expect((await remove(id, note.id, { key })).status).toBe(403);
  });
});
