import type { WebhookWithSecret } from '@parley/contract/webhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTicket, reply, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { type Claimed, claim, LEASE_MS } from './webhooks.claim.ts';
import { fanOut } from './webhooks.fan-out.ts';
import { finish } from './webhooks.finish.ts';
import type { Posted } from './webhooks.post.ts';

// Without a worker: its steps are made by hand, in the worst order.
let app: TestApp;
let key: { project_id: number; id: string };
beforeAll(async () => {
  app = await createTestApp({ roles: ['http', 'scheduler'] });
  const body = { url: 'https://example.com/', events: ['tickets.create', 'tickets.reply'] };
  const response = await app.request<WebhookWithSecret>('POST', '/api/projects/1/webhooks/', { body });
  key = { project_id: 1, id: response.body.id };
});
afterAll(() => app.close());

const delivered = (): Posted => ({
  at: app.clock.now(),
  url: 'https://example.com/',
  durationMs: 1,
  body: '',
  error: null,
  isDelivered: true,
  isInterrupted: false,
  status: 200,
  retryAfter: null,
});
const failed = (): Posted => ({ ...delivered(), isDelivered: false, status: 500, error: 'Answered 500.' });
const claimSome = (room = 100) => app.parley.unitOfWork.run(SYSTEM, (uow) => claim(uow, key, room));
const finishOne = (claimed: Claimed, posted: Posted) =>
  app.parley.unitOfWork.run(SYSTEM, (uow) => finish(uow, claimed, posted));
const deliveries = () =>
  app.database.kysely.selectFrom('webhook_deliveries').selectAll().orderBy('seq').execute();

/** Makes deliveries until there are this many that are not done. */
async function fanOutUntil(count: number): Promise<void> {
  await expect
    .poll(async () => {
      await app.parley.unitOfWork.run(SYSTEM, (uow) => fanOut(uow, key));
      return (await deliveries()).filter(({ finished_at }) => finished_at === null).length;
    })
    .toBe(count);
}

function only<T>(list: readonly T[]): T {
  const [one, ...more] = list;
  if (one === undefined || more.length > 0) throw new Error(`There are ${list.length} of them, not one.`);
  return one;
}

it('a process that comes back after its lease has lapsed changes nothing', async () => {
  await createTicket(app);
  await fanOutUntil(1);
  const first = only(await claimSome());
  expect(await claimSome()).toEqual([]);
  app.clock.advance(LEASE_MS);
  const second = only(await claimSome());
  expect(second.delivery.id).toBe(first.delivery.id);
  expect(await finishOne(first, failed())).toBe('superseded');
  expect(only(await deliveries())).toMatchObject({ state: 'sending', attempts: 2, error: null });
  expect(await finishOne(second, delivered())).toBe('delivered');
  expect(await finishOne(second, failed())).toBe('superseded');
  expect(only(await deliveries())).toMatchObject({ state: 'delivered', response_status: 200 });
  await app.database.kysely.deleteFrom('webhook_deliveries').execute();
});

it('takes no more of an endpoint than four at once, of a ticket than one, and of a failing endpoint than one', async () => {
  const tickets = [];
  for (let n = 0; n < 6; n += 1) tickets.push(await createTicket(app));
  await reply(app, tickets[0]?.id ?? '', 'Later');
  await fanOutUntil(7);
  expect(await claimSome(2)).toHaveLength(2);
  const more = await claimSome();
  expect(more).toHaveLength(2);
  expect(await claimSome()).toEqual([]);
  const [one] = more;
  if (!one) throw new Error('Two were claimed.');
  expect(await finishOne(one, failed())).toBe('retried');
  expect(await claimSome()).toEqual([]);
  expect((await deliveries()).filter(({ state }) => state === 'sending')).toHaveLength(3);
  expect((await deliveries()).at(-1)).toMatchObject({ state: 'waiting', event: 'tickets.reply' });
});

it('makes each delivery once, however many fan out', async () => {
  const before = (await deliveries()).length;
  for (let n = 0; n < 5; n += 1) await createTicket(app);
  await expect
    .poll(async () => {
      const fan = () => app.parley.unitOfWork.run(SYSTEM, (uow) => fanOut(uow, key));
      await Promise.all([fan(), fan(), fan()]);
      return (await deliveries()).length;
    })
    .toBe(before + 5);
  const numbers = (await deliveries()).map(({ seq }) => seq);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('counts no attempt that its own process cut short', async () => {
  await app.database.kysely.deleteFrom('webhook_deliveries').execute();
  await app.database.kysely.updateTable('webhooks').set({ failures: 0, held_until: null }).execute();
  await createTicket(app);
  await fanOutUntil(1);
  const cut = { ...failed(), isInterrupted: true, status: undefined };
  expect(await finishOne(only(await claimSome()), cut)).toBe('interrupted');
  expect(only(await deliveries())).toMatchObject({ state: 'pending', tries: 0 });
  const webhook = only(await app.database.kysely.selectFrom('webhooks').selectAll().execute());
  expect(webhook.failures).toBe(0);
  expect(only(await claimSome()).delivery.tries).toBe(1);
});

it('goes on behind events that are no longer kept', async () => {
  await fanOutUntil(1);
  const find = () => app.database.kysely.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow();
  const { cursor_seq } = await find();
  await app.database.kysely
    .updateTable('webhooks')
    .set({ cursor_seq: cursor_seq - 1 })
    .execute();
  await app.database.kysely.deleteFrom('events').execute();
  expect(await app.parley.unitOfWork.run(SYSTEM, (uow) => fanOut(uow, key))).toBe(false);
  expect((await find()).cursor_seq).toBe(cursor_seq);
});
