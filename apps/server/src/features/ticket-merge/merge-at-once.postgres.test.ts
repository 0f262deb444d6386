import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createTicket,
  customerWrites,
  getTicket,
  listMessages,
  reply,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { merge, unmerge, wrongFigures } from './testing.ts';

// Needs several connections at once, so the embedded database can't show it.

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(async () => {
  expect(await wrongFigures(app)).toEqual([]);
  await app.close();
});

const make = (count: number, distinct_id: string) =>
  Promise.all(Array.from({ length: count }, (_, n) => createTicket(app, { distinct_id, message: `m${n}` })));

describe('at once', () => {
  it('two tickets merged into each other: one of the two merges holds', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = await make(2, `crossing-${round}`);
      if (!a || !b) throw new Error('Two were made.');
      const answers = await Promise.all([
        merge(app, a.id, { target: b.id }),
        merge(app, b.id, { target: a.id }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const refused = answers.find(({ status }) => status === 409);
      expect(['already_merged', 'target_merged']).toContain(refused?.body.code);
    }
  });

  it('a ring of merges ends as a tree', async () => {
    const ring = await make(5, 'ring');
    const answers = await Promise.all(
      ring.map(({ id }, n) => merge(app, id, { target: ring[(n + 1) % ring.length]?.id })),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([200, 409]);
    const after = await Promise.all(ring.map(({ id }) => getTicket(app, id)));
    expect(after.some(({ merged_into_id }) => merged_into_id === null)).toBe(true);
  });

  it('merging, un-merging, replies and customers lose no message', async () => {
    const [target, ...sources] = await make(4, 'busy');
    if (!target) throw new Error('Some were made.');
    const work = sources.flatMap(({ id }, n) => [
      merge(app, id, { target: target.id }),
      customerWrites(app, id, `customer ${n}`),
      app.request('POST', ticketPath(id, 'reply/'), { body: { message: `reply ${n}` } }),
      app.request('POST', ticketPath(target.id, 'read/')),
    ]);
    await Promise.all(work);
    await Promise.all([
      ...sources.map(({ id }) => unmerge(app, id)),
      ...sources.map(({ id }, n) => customerWrites(app, id, `late ${n}`)),
    ]);
    const all = await Promise.all([target, ...sources].map(({ id }) => listMessages(app, id)));
    const contents = all.flat().map(({ content }) => content);
    expect(contents).toHaveLength(new Set(all.flat().map(({ id }) => id)).size);
    for (const n of [0, 1, 2])
      for (const word of ['customer', 'reply', 'late']) expect(contents).toContain(`${word} ${n}`);
    for (const { id } of sources) expect((await getTicket(app, id)).merged_into_id).toBeNull();
  });

  it('a customer’s message waits for the head of its thread without holding the merged ticket', async () => {
    const [target, source] = await make(2, 'order');
    if (!target || !source) throw new Error('Two were made.');
    await merge(app, source.id, { target: target.id });
    const { kysely } = app.database;
    let message: Promise<string> | undefined;
    // As un-merging locks them: the head, then the merged one.
    await kysely.transaction().execute(async (tx) => {
      await sql`select 1 from tickets where project_id = 1 and id = ${target.id} for update`.execute(tx);
      message = customerWrites(app, source.id, 'waiting');
      await vi.waitFor(async () => {
        const { rows } = await sql`
          select 1 from pg_locks where not granted and pid <> pg_backend_pid()`.execute(tx);
        expect(rows).toHaveLength(1);
      });
      await sql`select 1 from tickets where project_id = 1 and id = ${source.id} for update nowait`.execute(
        tx,
      );
    });
    await message;
    expect((await getTicket(app, target.id)).last_message_text).toBe('waiting');
  });

  it('one message is split off once', async () => {
    const [ticket] = await make(1, 'split');
    if (!ticket) throw new Error('One was made.');
    const message = await reply(app, ticket.id, 'apart');
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        app.request('POST', ticketPath(ticket.id, 'split/'), { body: { message_ids: [message.id] } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
  });
});
