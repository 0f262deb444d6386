import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { messageText } from './operations.ts';
import { createFiller, planFrom } from './plan.ts';
import type { Recorded } from './wire-messages.ts';

const startedAt = Date.parse('2026-05-01T12:00:00.000Z');
const LONG_AGO = '2025-01-01T00:00:00.000Z';

/** What a server could have run to store one message. */
function recordedReply(ticket: string, index: number): Recorded[] {
  const id = randomUUID();
  const statement = (text: string, ...values: Recorded['values']) => ({ name: '', text, values });
  return [
    statement('select key', Buffer.from('secret')),
    statement('begin'),
    statement('select claim', String(index).repeat(64).slice(0, 64)),
    statement(
      'insert message',
      id,
      ticket,
      messageText('capture', index),
      `2026-05-01T12:00:0${index}.000+00:00`,
    ),
    statement(
      'insert event',
      JSON.stringify({ id, ticket, at: index === 1 ? LONG_AGO : null }),
      'fixed',
      null,
    ),
    statement('commit'),
  ];
}

function planReply() {
  const ticket = randomUUID();
  const steps = planFrom(recordedReply(ticket, 1), { ticket, startedAt }, recordedReply(randomUUID(), 2));
  if (!steps) throw new Error('The two recordings are alike.');
  return steps;
}

test('statements stay in the transactions they were recorded in', () => {
  expect(planReply().map((step) => step.map(({ text }) => text))).toEqual([
    ['select key'],
    ['begin', 'select claim', 'insert message', 'insert event', 'commit'],
  ]);
});

test('each request fills in its own ticket, words, ids and time', () => {
  const [auth, transaction] = planReply();
  const ticket = randomUUID();
  const message = messageText('f0', 42);
  const fill = createFiller(ticket, message, () => 7);
  expect(auth?.[0]?.values.map(fill)).toEqual([Buffer.from('secret')]);
  const [, claim, insert, event] = (transaction ?? []).map(({ values }) => values.map(fill));
  expect(claim?.[0]).toMatch(/^(?!1{64})[0-9a-f]{64}$/);
  const [id, ofTicket, words, at] = insert ?? [];
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect([ofTicket, words]).toEqual([ticket, message]);
  expect(Math.abs(Date.parse(String(at)) - Date.now())).toBeLessThan(60_000);
  expect(event).toEqual([JSON.stringify({ id, ticket, at: LONG_AGO }), 'fixed', null]);
});

test('the next request gets other ids', () => {
  const [, transaction] = planReply();
  const insert = transaction?.[2]?.values ?? [];
  const [one, other] = [createFiller(undefined, '', () => 7), createFiller(undefined, '', () => 7)].map(
    (fill) => insert.map(fill)[0],
  );
  expect(one).not.toBe(other);
});

test('a new ticket gets the next number, the same throughout its request', () => {
  const insert = (number: string) => [
    { name: '', text: 'insert ticket', values: [number, '1', `#${number}`] },
  ];
  const asked = { ticket: undefined, startedAt };
  const values = planFrom(insert('12'), asked, insert('13'))?.[0]?.[0]?.values ?? [];
  let last = 100;
  const fill = createFiller(undefined, undefined, () => ++last);
  expect([...values, ...values].map(fill)).toEqual(['101', '1', '#12', '101', '1', '#12']);
});

test('two recordings with different statements make no plan', () => {
  const ticket = randomUUID();
  const recorded = recordedReply(ticket, 1);
  expect(planFrom(recorded, { ticket, startedAt }, recorded.slice(1))).toBeUndefined();
  const changed = recorded.map((one) => (one.text === 'begin' ? { ...one, text: 'heartbeat' } : one));
  expect(planFrom(recorded, { ticket, startedAt }, changed)).toBeUndefined();
});
