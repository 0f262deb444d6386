import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import {
  addMessage,
  createTicket,
  customerWrites,
  eventsOf,
  getTicket,
  listMessages,
  projectOf,
  reply,
  SYSTEM,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { deleteMessage } from './messages.delete.service.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

async function remove(ticketId: string, messageId: string): Promise<boolean> {
  const project = await projectOf(app);
  return app.parley.unitOfWork.run(SYSTEM, async (uow) =>
    deleteMessage(uow, await lockTicket(uow, project, ticketId), messageId),
  );
}

describe('the counters of a ticket', () => {
  it('case 102: a private message moves nothing at all', async () => {
    const { id } = await createTicket(app, { message: 'Hello' });
    const before = await getTicket(app, id);
    app.clock.advance(1000);
    await reply(app, id, 'Among us', { is_private: true });
    expect(await getTicket(app, id)).toEqual(before);
  });

  it('case 103: two public messages count two, and the newer is the last', async () => {
    const { id } = await createTicket(app, { message: 'First' });
    app.clock.advance(1000);
    const second = await reply(app, id, 'Second');
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 2,
      last_message_text: 'Second',
      last_message_at: second.created_at,
      updated_at: second.created_at,
      unread_team_count: 1,
      unread_customer_count: 1,
    });
  });

  it('case 104: of two messages one deleted, one counts and is the last', async () => {
    const before = await createTicket(app, { message: 'First' });
    const { id } = before;
    const second = await reply(app, id, 'Second');
    expect(await remove(id, second.id)).toBe(true);
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 1,
      last_message_text: 'First',
      last_message_at: before.last_message_at,
      unread_customer_count: 0,
      unread_team_count: 1,
      version: before.version + 2,
    });
    expect(await remove(id, second.id)).toBe(false);
    expect((await getTicket(app, id)).message_count).toBe(1);
    const deletions = (await eventsOf(app, id)).filter(({ name }) => name === 'messages.delete');
    expect(deletions).toMatchObject([{ resource_id: second.id }]);
  });

  it('the last message of all, deleted, leaves none', async () => {
    const { id } = await createTicket(app, { message: 'Only' });
    const [only] = await listMessages(app, id);
    await remove(id, only?.id ?? '');
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 0,
      last_message_at: null,
      last_message_text: null,
    });
  });

  it('a deleted private message changes no figure', async () => {
    const { id } = await createTicket(app, { message: 'Hello' });
    const note = await reply(app, id, 'Among us', { is_private: true });
    const before = await getTicket(app, id);
    await remove(id, note.id);
    expect(await getTicket(app, id)).toEqual(before);
  });

  it('a customer message is unread for the team, a reply for the customer, the assistant for nobody', async () => {
    const { id } = await createTicket(app);
    await customerWrites(app, id, 'one');
    await customerWrites(app, id, 'two');
    await reply(app, id, 'three');
    await addMessage(app, id, 'four', { author_type: 'AI', is_private: false });
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 4,
      unread_team_count: 2,
      unread_customer_count: 1,
      last_message_text: 'four',
    });
  });

  it('messages written at once are all counted', async () => {
    const { id } = await createTicket(app);
    await Promise.all([
      ...Array.from({ length: 5 }, (_, n) => reply(app, id, `reply ${n}`)),
      ...Array.from({ length: 5 }, (_, n) => customerWrites(app, id, `message ${n}`)),
    ]);
    const messages = await listMessages(app, id);
    expect(await getTicket(app, id)).toMatchObject({
      message_count: 10,
      unread_team_count: 5,
      unread_customer_count: 5,
      last_message_at: messages.at(-1)?.created_at,
      last_message_text: messages.at(-1)?.content,
    });
  });

  it('keeps the first 500 characters, never half of one', async () => {
    const { id } = await createTicket(app);
    const text = `${'x'.repeat(499)}🎉${'y'.repeat(600)}`;
    await reply(app, id, text);
    expect((await getTicket(app, id)).last_message_text).toBe(`${'x'.repeat(499)}🎉`);
  });

  it('an emoji across the edge of an excerpt breaks neither the message nor its event', async () => {
    const { id } = await createTicket(app);
    const text = `${'x'.repeat(999)}🎉${'y'.repeat(10)}`;
    await reply(app, id, text);
    await customerWrites(app, id, text);
    const excerpts = (await eventsOf(app, id)).flatMap(({ payload }) =>
      'message_content' in payload ? [payload.message_content] : [],
    );
    expect(excerpts).toEqual([`${'x'.repeat(999)}🎉`, `${'x'.repeat(999)}🎉`]);
  });
});
