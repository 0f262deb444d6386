import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox } from '#platform/secret-box.ts';
import { addMessage, addPerson, addTenant, createTicket, getTicket, reply } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  browser,
  claim,
  type Fields,
  newIdentitySecret,
  openPage,
  type Page,
  person,
  sign,
  type WidgetError,
  widgetToken,
  written,
} from './testing.ts';

let app: TestApp;
let page: Page;
let secret: string;
let people = 0;
/** An id that nobody has used. */
let ada: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  page = openPage(app, await widgetToken(app));
  secret = await newIdentitySecret(app);
});
beforeEach(() => {
  people += 1;
  ada = `user-${people}`;
});
afterAll(() => app.close());

const IDS = '/api/projects/1/identity_secrets/';
const forbidden = [403, { error: 'Forbidden' }];
const listed = async (visitor: Fields) => (await page.tickets(visitor)).body.results.map(({ id }) => id);
const inAnHour = () => Math.floor(app.clock.now().getTime() / 1000) + 3600;

async function everyRoute(visitor: Fields, ticketId: string) {
  return [
    await page.tickets<WidgetError>(visitor),
    await page.messages<WidgetError>(visitor, ticketId),
    await page.read<WidgetError>(visitor, ticketId),
    await page.send<WidgetError>(visitor, { ticket_id: ticketId }),
    await page.send<WidgetError>(visitor),
  ].map(({ status, body }) => [status, body]);
}

/** A ticket that came in by mail. */
async function mailed(from: string, identityVerified: boolean | null): Promise<string> {
  const { id } = await createTicket(app, { message: 'By mail', distinct_id: from });
  await app.database.kysely
    .updateTable('tickets')
    .set({ channel_source: 'email', email_from: from, identity_verified: identityVerified })
    .where('id', '=', id)
    .execute();
  return id;
}

describe('a signed id', () => {
  it('signs as the known vectors do', () => {
    const key = 'test_secret_key_for_hmac';
    expect(sign(key, 'user_123')).toBe('30aea46b3fa5a541ca57603e6f714e6ba231b5c6965398ac32e2a10a101b2bed');
    expect(sign(key, 'us\u00e9r_1')).toBe('e1a03ade9db6a38e2a80e846eb4e375dfe5fa65e83dc58eb9c7ba46c6684b8cc');
    expect(claim(key, 'user_123', ' Person@Example.com ', 1_800_000_000)).toMatchObject({
      identity_hash_email: 'e693dcead39d66bb6348740a962f9ea3e5ec1be099baefa13b68fbb07e3663ce',
    });
  });

  it('case 33: lists the person’s tickets in any browser', async () => {
    const { ticket_id: id } = await written(page, person(secret, ada));
    await written(page, browser());
    expect(await listed(person(secret, ada))).toEqual([id]);
    expect((await page.messages(person(secret, ada), id)).body.messages).toHaveLength(1);
  });

  it('lists the tickets of all ids that were merged into one person', async () => {
    await addPerson(app, [ada, `${ada}-phone`]);
    const { ticket_id: id } = await written(page, person(secret, `${ada}-phone`));
    const anonymous = await written(page, browser({ distinct_id: ada }));
    expect((await listed(person(secret, ada))).sort()).toEqual([anonymous.ticket_id, id].sort());
    expect(await listed(person(secret, `${ada}-other`))).toEqual([]);
    expect((await page.messages(person(secret, ada), id)).status).toBe(200);
  });

  it('cases 34 and 36: a wrong one is refused on every route, with or without a secret to check it', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    const wrong = [
      { identity_distinct_id: ada, identity_hash: '0'.repeat(64) },
      { identity_distinct_id: ada, identity_hash: sign(secret, `${ada} `) },
      { identity_distinct_id: ada, identity_hash: sign(secret, ada.toUpperCase()) },
      { identity_distinct_id: ada, identity_hash: sign('another secret', ada) },
      { identity_distinct_id: ada, identity_hash: createHmac('sha256', '').update(ada).digest('hex') },
    ];
    for (const identity of wrong) {
      expect(await everyRoute(identity, id)).toEqual(Array(5).fill(forbidden));
      // It never falls back to the session that is there as well.
      expect(await everyRoute({ ...visitor, ...identity }, id)).toEqual(Array(5).fill(forbidden));
    }
    const other = await addTenant(app, 'without');
    await app.database.kysely
      .deleteFrom('identity_secrets')
      .where('project_id', '=', other.projectId)
      .execute();
    const theirs = openPage(app, await widgetToken(app, other.projectId, other.key));
    const unsigned = await theirs.tickets<WidgetError>({
      identity_distinct_id: ada,
      identity_hash: '0'.repeat(64),
    });
    expect([unsigned.status, unsigned.body]).toEqual(forbidden);
  });

  it('case 35: what is no signature at all is 400, and never an error', async () => {
    const hash = sign(secret, ada);
    const wrong = [
      'z'.repeat(64),
      hash.toUpperCase(),
      hash.slice(1),
      `${hash}0`,
      '\u00e9'.repeat(64),
      ` ${hash}`,
      `${hash}\n`,
    ];
    for (const identity_hash of wrong) {
      for (const [status, body] of [
        [...(await everyRoute({ identity_distinct_id: ada, identity_hash }, '0198'.padEnd(36, '0')))][0] ??
          [],
        ...[await page.send<WidgetError>({ identity_distinct_id: ada, identity_hash })].map((a) => [
          a.status,
          a.body,
        ]),
      ])
        expect([identity_hash, status, body]).toMatchObject([
          identity_hash,
          400,
          { details: { identity_hash: [expect.any(String)] } },
        ]);
    }
    for (const identity of [{ identity_hash: 5 }, { identity_hash: [hash] }, { identity_hash: { a: hash } }])
      expect((await page.send({ identity_distinct_id: ada, ...identity })).status).toBe(400);
    for (const id of [' ', 'x'.repeat(401), 5, [ada]])
      expect((await page.send({ identity_distinct_id: id, identity_hash: hash })).status).toBe(400);
  });

  it('case 37: one of before a rotation is good until the previous secret is deleted', async () => {
    const before = person(secret, ada);
    const old = secret;
    secret = await newIdentitySecret(app);
    expect((await page.tickets(before)).status).toBe(200);
    expect((await page.tickets(person(secret, ada))).status).toBe(200);
    const secrets = await app.request<{ results: { id: string; kind: string }[] }>('GET', IDS);
    expect(secrets.text).not.toContain(old);
    expect(secrets.text).not.toContain(secret);
    const previous = secrets.body.results.find(({ kind }) => kind === 'previous');
    expect((await app.request('DELETE', `${IDS}${previous?.id}/`)).status).toBe(204);
    expect((await page.tickets(before)).status).toBe(403);
    expect((await page.tickets(person(secret, ada))).status).toBe(200);
  });

  it('is checked against secrets that the database holds sealed', async () => {
    const rows = await app.database.kysely.selectFrom('identity_secrets').select('secret').execute();
    for (const row of rows) expect(row.secret).toMatch(/^v1\./);
    const box = createSecretBox(app.config.secret);
    expect(rows.map((row) => box.open(row.secret))).toContain(secret);
    // One of before they were sealed still does.
    const plain = await addTenant(app, 'plain');
    await app.database.kysely
      .updateTable('identity_secrets')
      .set({ secret: 'as it was' })
      .where('project_id', '=', plain.projectId)
      .execute();
    const theirs = openPage(app, await widgetToken(app, plain.projectId, plain.key));
    expect((await theirs.tickets(person('as it was', ada))).status).toBe(200);
  });

  it('may come in a header instead, so that it is in no address', async () => {
    const { ticket_id: id } = await written(page, person(secret, ada));
    const fields = new URLSearchParams(Object.entries(person(secret, ada)).map(([k, v]) => [k, String(v)]));
    const quiet = openPage(app, await widgetToken(app), { 'x-conversations-visitor': String(fields) });
    expect((await quiet.tickets({})).body.results.map((ticket) => ticket.id)).toEqual([id]);
    expect((await quiet.send({}, { ticket_id: id })).status).toBe(200);
  });
});

describe('whose a ticket is', () => {
  it('case 38: one of a signed id is verified, one of a browser is not', async () => {
    const signed = await written(page, person(secret, ada), { distinct_id: 'somebody else' });
    expect(await getTicket(app, signed.ticket_id)).toMatchObject({
      distinct_id: ada,
      identity_verified: true,
    });
    const anonymous = await written(page, browser());
    expect(await getTicket(app, anonymous.ticket_id)).toMatchObject({ identity_verified: false });
  });

  it('case 39: an anonymous one becomes verified by a message of its signed id', async () => {
    const { ticket_id: id } = await written(page, browser({ distinct_id: ada }));
    await written(page, person(secret, ada), { ticket_id: id });
    expect(await getTicket(app, id)).toMatchObject({ distinct_id: ada, identity_verified: true });
    await addPerson(app, [`${ada}-new`, `${ada}-old`]);
    const old = await written(page, person(secret, `${ada}-old`));
    await written(page, person(secret, `${ada}-new`), { ticket_id: old.ticket_id });
    expect(await getTicket(app, old.ticket_id)).toMatchObject({ distinct_id: `${ada}-new` });
  });

  it('case 40: a good signature opens nothing of another person', async () => {
    const { ticket_id: id } = await written(page, person(secret, `${ada}-b`));
    const answers = await everyRoute(person(secret, ada), id);
    expect(answers.slice(1, 4)).toEqual(Array(3).fill(forbidden));
    expect((await getTicket(app, id)).message_count).toBe(1);
  });

  it('a person’s ticket is not the browser’s, once the person is gone', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, { ...visitor, ...person(secret, ada) });
    expect(await listed(visitor)).toEqual([]);
    expect((await page.messages(visitor, id)).status).toBe(403);
  });
});

describe('a signed id in a browser with tickets of its own', () => {
  it('cases 41 and 45: sees both and may answer both, which changes nobody’s ownership', async () => {
    const visitor = browser();
    const { ticket_id: anonymous } = await written(page, visitor);
    const { ticket_id: own } = await written(page, person(secret, ada));
    const both = { ...person(secret, ada), widget_session_id: visitor.widget_session_id };
    expect((await listed(both)).sort()).toEqual([anonymous, own].sort());
    expect((await page.messages(both, anonymous)).status).toBe(200);
    expect((await page.send(both, { ticket_id: anonymous })).body.ticket_id).toBe(anonymous);
    expect(await getTicket(app, anonymous)).toMatchObject({
      distinct_id: visitor.distinct_id,
      identity_verified: false,
      message_count: 2,
    });
    expect(await listed(visitor)).toEqual([anonymous]);
    const elsewhere = { ...person(secret, ada), widget_session_id: browser().widget_session_id };
    expect(await listed(elsewhere)).toEqual([own]);
    expect((await page.messages(elsewhere, anonymous)).status).toBe(403);
  });

  it('case 44: half a signature counts as none beside a session, and is 400 without', async () => {
    const visitor = browser();
    const { ticket_id: id } = await written(page, visitor);
    for (const half of [{ identity_distinct_id: ada }, { identity_hash: sign(secret, ada) }]) {
      expect(await listed({ ...visitor, ...half })).toEqual([id]);
      expect((await page.tickets(half)).status).toBe(400);
    }
  });
});

describe('an address that the site vouches for', () => {
  it('case 42: opens verified tickets of other channels, and only those', async () => {
    const address = `${ada}@example.com`;
    const verified = await mailed(address.toUpperCase(), true);
    await reply(app, verified, 'Answer');
    await mailed(address, false);
    await mailed(address, null);
    await mailed(` ${address}`, true);
    await mailed(`x${address}`, true);
    const widgets = await written(page, browser({ distinct_id: address }));
    await app.database.kysely
      .updateTable('tickets')
      .set({ identity_verified: true })
      .where('id', '=', widgets.ticket_id)
      .execute();
    const visitor = {
      ...person(secret, ada),
      ...claim(secret, ada, `  ${address.toUpperCase()} `, inAnHour()),
    };
    expect(await listed(visitor)).toEqual([verified]);
    expect((await page.messages(visitor, verified)).body.messages).toHaveLength(2);
    expect((await page.read(visitor, verified)).status).toBe(200);
    expect((await getTicket(app, verified)).unread_customer_count).toBe(0);
    const sent = await page.send(visitor, { ticket_id: verified });
    expect(sent.body.ticket_id).toBe(verified);
    // Case 45: the ticket keeps its own identity.
    expect((await getTicket(app, verified)).distinct_id).toBe(address.toUpperCase());
  });

  it('case 43: a claim that is not good is as good as none', async () => {
    const address = `${ada}@example.com`;
    const verified = await mailed(address, true);
    const now = Math.floor(app.clock.now().getTime() / 1000);
    const good = claim(secret, ada, address, now + 3600);
    const { identity_exp_email: _, ...endless } = good;
    const bad: Fields[] = [
      { ...good, identity_email: `x${address}` },
      { ...good, identity_hash_email: '0'.repeat(64) },
      { ...good, identity_hash_email: 'no hash' },
      { ...good, identity_exp_email: now + 3601 },
      { ...good, identity_exp_email: `${now + 3600}.0` },
      { ...good, identity_exp_email: 'soon' },
      endless,
      claim(secret, ada, address, now),
      claim(secret, ada, address, now - 10),
      claim(secret, ada, address, now + 24 * 3600 + 301),
      claim(secret, `${ada}-b`, address, now + 3600),
      claim('another secret', ada, address, now + 3600),
      claim(secret, ada, `${'x'.repeat(250)}@example.com`, now + 3600),
      { ...good, identity_hash_email: sign(secret, ['v1', ada, 'email', address].join('\0')) },
    ];
    expect(await listed({ ...person(secret, ada), ...good })).toEqual([verified]);
    for (const fields of bad) {
      const answer = await page.tickets({ ...person(secret, ada), ...fields });
      expect([fields, answer.status, answer.body]).toEqual([fields, 200, { count: 0, results: [] }]);
      expect((await page.messages({ ...person(secret, ada), ...fields }, verified)).status).toBe(403);
    }
    const endlessly = { ...person(secret, ada), ...good, identity_exp_email: null };
    expect((await page.send(endlessly, { ticket_id: verified })).status).toBe(403);
    expect(
      await listed({ ...person(secret, ada), ...claim(secret, ada, address, now + 24 * 3600 + 300) }),
    ).toEqual([verified]);
  });

  it('case 44: without its other half, or without a signed id, is 400', async () => {
    const { identity_email, identity_hash_email, identity_exp_email } = claim(
      secret,
      ada,
      'a@example.com',
      inAnHour(),
    );
    const wrong = [
      { ...person(secret, ada), identity_email },
      { ...person(secret, ada), identity_hash_email },
      { ...browser(), identity_email, identity_hash_email, identity_exp_email },
      { identity_email, identity_hash_email, identity_exp_email },
    ];
    for (const fields of wrong) expect((await page.tickets(fields)).status).toBe(400);
  });

  it('cases 32 and 46: what is listed follows the credentials and the newest reply, never an earlier answer', async () => {
    const address = `${ada}@example.com`;
    const verified = await mailed(address, true);
    const { ticket_id: own } = await written(page, person(secret, ada));
    const signed = person(secret, ada);
    const both = { ...signed, ...claim(secret, ada, address, inAnHour()) };
    const counts = [];
    for (const visitor of [both, signed, both, signed]) counts.push((await page.tickets(visitor)).body.count);
    expect(counts).toEqual([2, 1, 2, 1]);
    await addMessage(app, verified, 'Seen', { author_type: 'team', is_private: false });
    await reply(app, own, 'News');
    const after = (await page.tickets(both)).body.results;
    expect(after.map(({ id, last_message }) => [id, last_message])).toEqual([
      [own, 'News'],
      [verified, 'Seen'],
    ]);
    expect(after[0]?.unread_count).toBe(1);
  });
});
