import { randomUUID } from 'node:crypto';
import type { RouteDeclaration } from '@parley/contract/route';
import { widget } from '@parley/contract/widget';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PNG, upload, uploadAs } from '#features/files/testing.ts';
import { addTenant, createTicket, reply, setProject, ticketPath } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import {
  browser,
  type Fields,
  newIdentitySecret,
  openPage,
  person,
  widgetToken,
  written,
} from './testing.ts';

/** Routes that name nothing of anybody: they only ever find what is the caller's. */
const WITHOUT_IDS = [
  'widget.list_tickets',
  'widget.request_restore',
  'widget.restore',
  'widget.stream',
  'widget.upload_file',
];

const routes: RouteDeclaration[] = Object.values(widget);
const withTicket = routes.filter(({ path }) => path.includes(':ticket_id'));

let app: TestApp;
let token: string;
let secret: string;
/** Tickets and files that are not the caller's, by why. */
const tickets: Record<string, string> = {};
const files: Record<string, string> = {};
let visitors: Record<string, Fields>;

beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  token = await widgetToken(app);
  secret = await newIdentitySecret(app);
  const page = openPage(app, token);
  const tenant = await addTenant(app, 'other');
  await setProject(app, { conversations_enabled: true });
  const theirs = openPage(app, await widgetToken(app, tenant.projectId, tenant.key));

  const stranger = browser();
  tickets['another browser'] = (await written(page, stranger)).ticket_id;
  tickets['another person'] = (await written(page, person(secret, 'bob'))).ticket_id;
  tickets['a ticket of the team'] = (await createTicket(app, { distinct_id: 'walker' })).id;
  tickets['another project'] = (await written(theirs, browser())).ticket_id;
  tickets.nobody = randomUUID();
  const deleted = (await written(page, stranger)).ticket_id;
  await app.request('DELETE', ticketPath(deleted));
  tickets['a deleted ticket'] = deleted;
  for (const id of [tickets['another browser'], tickets['another person']])
    await reply(app, String(id), 'Secret');

  files['another browser'] = (await uploadAs(app, token, stranger, PNG)).body.id;
  files['another person'] = (await uploadAs(app, token, person(secret, 'bob'), PNG)).body.id;
  files['the team'] = (await upload(app, PNG, 'a.png')).body.id;
  files['another project'] = (
    await upload(app, PNG, 'a.png', { key: tenant.key, project: tenant.projectId })
  ).body.id;
  files.nobody = randomUUID();

  visitors = {
    'a browser': browser({ distinct_id: 'bob' }),
    'a person': person(secret, 'ada'),
    'a person in a browser': { ...browser(), ...person(secret, 'ada') },
  };
});
afterAll(() => app.close());

/** Everything that one of these calls could change or tell. */
async function everything(): Promise<unknown> {
  const { rows } = await sql`
    select (select json_agg(t order by t.id) from tickets t) as tickets,
      (select json_agg(m order by m.id) from messages m) as messages,
      (select json_agg(r) from satisfaction_ratings r) as ratings,
      (select json_agg(f order by f.id) from files f) as files`.execute(app.database.kysely);
  return rows;
}

function call(route: RouteDeclaration, visitor: Fields, ids: { ticketId: string; fileIds?: string[] }) {
  const fields = new URLSearchParams(Object.entries(visitor).map(([name, value]) => [name, String(value)]));
  const path = route.path.replace(':ticket_id', ids.ticketId);
  const body = {
    ...visitor,
    message: 'Hello',
    distinct_id: 'bob',
    rating: 'good',
    traits: { email: 'mallory@example.com' },
    ticket_id: ids.ticketId,
    ...(ids.fileIds ? { file_ids: ids.fileIds } : {}),
  };
  return app.request<object>(route.method, route.method === 'GET' ? `${path}?${fields}` : path, {
    key: null,
    headers: { 'x-conversations-token': token },
    ...(route.method === 'GET' ? {} : { body }),
  });
}

const kinds = ['a browser', 'a person', 'a person in a browser'];
const reasons = [
  'another browser',
  'another person',
  'a ticket of the team',
  'another project',
  'nobody',
  'a deleted ticket',
];

describe('nothing of one visitor reaches another', () => {
  it('by any route: all of them are walked here, or name nothing', () => {
    const walked = [...withTicket.map(({ id }) => id), 'widget.send_message', ...WITHOUT_IDS];
    expect(walked.sort()).toEqual(routes.map(({ id }) => id).sort());
    expect(reasons.sort()).toEqual(Object.keys(tickets).sort());
  });

  describe.each([...withTicket, widget.sendMessage].map((route) => [route.id, route] as const))(
    '%s',
    (_id, route) => {
      it.each(reasons.flatMap((reason) => kinds.map((kind) => [reason, kind] as const)))(
        'with the ticket of %s, as %s',
        async (reason, kind) => {
          const before = await everything();
          const answer = await call(route, visitors[kind] ?? {}, { ticketId: String(tickets[reason]) });
          expect([403, 404]).toContain(answer.status);
          expect(answer.text).not.toContain('Secret');
          // Whether there is such a ticket elsewhere is told to nobody.
          const isHere = !['another project', 'nobody', 'a deleted ticket'].includes(reason);
          expect(answer.status).toBe(isHere ? 403 : 404);
          expect(await everything()).toEqual(before);
        },
      );
    },
  );

  it.each(
    kinds.flatMap((kind) =>
      ['another browser', 'another person', 'the team', 'another project', 'nobody'].map(
        (reason) => [reason, kind] as const,
      ),
    ),
  )('widget.send_message with the file of %s, as %s', async (reason, kind) => {
    const visitor = visitors[kind] ?? {};
    const sent = await written(openPage(app, token), visitor, { distinct_id: 'x' });
    const before = await everything();
    const ids = { ticketId: sent.ticket_id, fileIds: [String(files[reason])] };
    const answer = await call(widget.sendMessage, visitor, ids);
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { details: { file_ids: [expect.any(String)] } },
    ]);
    expect(await everything()).toEqual(before);
  });
});
