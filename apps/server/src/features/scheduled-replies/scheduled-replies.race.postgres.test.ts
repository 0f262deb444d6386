import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTicket, listMessages } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { SCHEDULED, schedule, sweep } from './testing.ts';

// Needs several connections at once, so the embedded database can't show it.

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

it('of sending and taking back exactly one happens, however many try', async () => {
  const pairs = await Promise.all(
    Array.from({ length: 25 }, async () => {
      const ticket = await createTicket(app);
      return { ticket, id: (await schedule(app, ticket)).body.id };
    }),
  );
  app.clock.advance(10_000);
  const remove = ({ id }: { id: string }) => app.request('DELETE', `${SCHEDULED}${id}/`);
  const sendNow = ({ id }: { id: string }) => app.request('POST', `${SCHEDULED}${id}/send_now/`);
  // Two nodes sweep while some are taken back and others are sent by hand.
  const [, , ...answers] = await Promise.all([
    sweep(app),
    sweep(app),
    ...pairs.toReversed().map((pair, index) => (index % 2 === 0 ? remove(pair) : sendNow(pair))),
  ]);
  await sweep(app);
  const outcomes = await Promise.all(
    pairs.toReversed().map(async ({ ticket, id }, index) => {
      const messages = (await listMessages(app, ticket.id)).map((message) => message.id);
      return { isRemoval: index % 2 === 0, status: answers[index]?.status, messages, id };
    }),
  );
  for (const { isRemoval, status, messages, id } of outcomes) {
    expect([isRemoval ? 204 : 201, 409]).toContain(status);
    expect(messages).toEqual(isRemoval && status === 204 ? [] : [id]);
  }
  const left = await app.database.kysely.selectFrom('scheduled_replies').selectAll().execute();
  expect(left).toEqual([]);
});
