import { afterEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp, type TestResponse } from '../../testing/test-app.ts';
import { browser, newIdentitySecret, openPage, type Page, person, widgetToken, written } from './testing.ts';

let app: TestApp;
let page: Page;
async function start(limits = 'default'): Promise<void> {
  app = await createTestApp({ roles: ['http'], environment: { PARLEY_RATE_LIMITS: limits } });
  page = openPage(app, await widgetToken(app));
}
afterEach(() => app.close());

async function statuses(count: number, ask: () => Promise<TestResponse<unknown>>): Promise<number[]> {
  const found = [];
  for (let n = 0; n < count; n += 1) found.push((await ask()).status);
  return [...new Set(found)];
}

describe('limits', () => {
  it('case 58: a visitor has 30 requests a minute, then 429 with Retry-After; others go on', async () => {
    await start();
    const visitor = browser();
    expect(await statuses(30, () => page.tickets(visitor))).toEqual([200]);
    const refused = await page.tickets<{ detail: string }>(visitor);
    expect(refused).toMatchObject({ status: 429, body: { detail: expect.stringMatching(/\d+ seconds/) } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['access-control-allow-origin']).toBe('*');
    expect((await page.tickets(browser())).status).toBe(200);
    app.clock.advance(120_000);
    expect((await page.tickets(visitor)).status).toBe(200);
  });

  it('case 57: polling until it is refused does not keep a customer from writing, nor the other way round', async () => {
    await start();
    const visitor = browser();
    expect(await statuses(40, () => page.tickets(visitor))).toEqual([200, 429]);
    const { ticket_id: id } = await written(page, visitor);
    const other = browser();
    const theirs = await written(page, other);
    expect(await statuses(40, () => page.read(other, theirs.ticket_id))).toEqual([200, 429]);
    expect((await page.messages(other, theirs.ticket_id)).status).toBe(200);
    expect((await page.send(other, { ticket_id: theirs.ticket_id })).status).toBe(429);
    expect((await page.send(visitor, { ticket_id: id })).status).toBe(200);
  });

  it('case 57: nor does the budget of the whole project', async () => {
    await start('{"widget_project_read": 3, "widget_project_write": 2}');
    expect(await statuses(3, () => page.tickets(browser()))).toEqual([200]);
    expect((await page.tickets(browser())).status).toBe(429);
    expect(await statuses(2, () => page.send(browser()))).toEqual([200]);
    expect((await page.send(browser())).status).toBe(429);
  });

  it('count signed visitors by their id, wherever they are, and nobody else uses up theirs', async () => {
    await start('{"widget_read": 3}');
    const secret = await newIdentitySecret(app);
    const ada = person(secret, 'ada');
    const wrong = { ...ada, identity_hash: '0'.repeat(64) };
    expect(await statuses(3, () => page.tickets(wrong))).toEqual([403]);
    expect((await page.tickets(wrong)).status).toBe(429);
    expect(await statuses(3, () => page.tickets(ada))).toEqual([200]);
    expect((await page.tickets({ ...ada, ...browser() })).status).toBe(429);
    expect((await page.tickets(person(secret, 'bob'))).status).toBe(200);
    expect((await page.tickets(browser())).status).toBe(200);
  });

  it('count what is refused, and writes from one address whatever browsers it makes up', async () => {
    await start('{"widget_write": 2, "widget_address": 4}');
    const visitor = browser();
    expect(await statuses(2, () => page.send(visitor, { message: '' }))).toEqual([400]);
    expect((await page.send(visitor)).status).toBe(429);
    expect(await statuses(2, () => page.send(browser()))).toEqual([200]);
    expect((await page.send(browser())).status).toBe(429);
    expect((await page.tickets(browser())).status).toBe(200);
  });
});
