import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addKey, addUser, TICKETS } from '../../testing/fixtures.ts';
import { API_KEY, createTestApp, type TestApp } from '../../testing/test-app.ts';
import { seedTickets } from '../../testing/ticket-rows.ts';

const EXPORT = `${TICKETS}export/`;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

describe('twenty thousand tickets', () => {
  const COUNT = 20_000;
  const batches = () => app.statements.filter((text) => text.includes('row_to_json(shown)')).length;
  let url: string;
  beforeAll(async () => {
    const session_context = JSON.stringify({ page: 'x'.repeat(2000) });
    await seedTickets(
      app,
      Array.from({ length: COUNT }, () => ({ session_context })),
    );
    url = `${await app.listen()}${EXPORT}`;
  }, 120_000);

  const open = async (): Promise<IncomingMessage> => {
    const request = get(url, { headers: { authorization: `Bearer ${API_KEY}` } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  /** Until the server has stopped reading: nothing new between two looks. */
  async function settled(): Promise<number> {
    let last = -1;
    await vi.waitFor(
      () => {
        const now = batches();
        const before = last;
        last = now;
        expect(now).toBe(before);
      },
      { timeout: 30_000, interval: 500 },
    );
    return last;
  }

  it('come as fast as they are read, and no statement is made for a reader who waits', async () => {
    const before = batches();
    const response = await open();
    response.pause();
    const waiting = (await settled()) - before;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(COUNT / 200 / 2);
    let lines = 0;
    for await (const chunk of response) lines += String(chunk).split('\n').length - 1;
    expect(lines).toBe(COUNT);
    expect(batches() - before).toBe(COUNT / 200);
  }, 120_000);

  it('are not read on for a client that is gone', async () => {
    const before = batches();
    const response = await open();
    response.pause();
    await settled();
    response.destroy();
    expect((await settled()) - before).toBeLessThan(COUNT / 200);
  }, 120_000);

  it('break off when the key is revoked meanwhile', async () => {
    const { id } = await addUser(app, 'm@example.com', { access: 'manager' });
    const key = await addKey(app, id);
    const request = get(url, { headers: { authorization: `Bearer ${key}` } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    await settled();
    await app.database.kysely.deleteFrom('api_keys').where('user_id', '=', id).execute();
    const read = async () => {
      for await (const chunk of response) void chunk;
    };
    await expect(read()).rejects.toThrow('aborted');
  }, 120_000);
});
