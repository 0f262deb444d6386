import type { Scope } from '@parley/contract/route';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAdminKey,
  addKey,
  addTenant,
  addUser,
  createTicket,
  eventNames,
  getTicket,
  listMessages,
  reply,
  TICKETS,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
let id: string;
let note: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  ({ id } = await createTicket(app, { message: 'Hello' }));
  note = (await reply(app, id, 'A note', { is_private: true })).id;
});
afterAll(() => app.close());

type Request = readonly [method: string, path: string, body?: object];

const readings = (): Request[] => [
  ['GET', TICKETS],
  ['GET', ticketPath(id, '?mark_read=false')],
  ['GET', `${TICKETS}unread_count/`],
  ['GET', ticketPath(id, 'messages/')],
  ['GET', ticketPath(id, 'activity/')],
];
const replying = (): Request => ['POST', ticketPath(id, 'reply/'), { message: 'Hello' }];
const writings = (): Request[] => [
  ['POST', TICKETS, {}],
  ['POST', `${TICKETS}compose/`, {}],
  ['POST', `${TICKETS}bulk_update_status/`, { ids: [id], status: 'resolved' }],
  ['POST', `${TICKETS}bulk_update_tags/`, { ids: [id], action: 'add', tags: ['x'] }],
  ['PATCH', ticketPath(id), { status: 'resolved' }],
  ['PUT', ticketPath(id), { status: 'resolved' }],
  ['PATCH', ticketPath(id, `notes/${note}/`), { message: 'x' }],
  ['DELETE', ticketPath(id, `notes/${note}/`)],
  ['DELETE', ticketPath(id)],
  ['POST', ticketPath(id, 'restore/')],
  ['POST', ticketPath(id, 'suggest_reply/')],
];

const call = ([method, path, body]: Request, key: string | null) =>
  app.request<{ detail: string }>(method, path, { key, ...(body ? { body } : {}) });

/** Every request is answered with this error, and none of them did anything. */
async function expectAll(requests: readonly Request[], key: string | null, error: object): Promise<void> {
  const before = [await getTicket(app, id), await listMessages(app, id), await eventNames(app, id)];
  for (const request of requests) {
    const { status, body } = await call(request, key);
    expect({ request, status, ...body }).toMatchObject({ request, ...error });
  }
  expect([await getTicket(app, id), await listMessages(app, id), await eventNames(app, id)]).toEqual(before);
}

const forbidden = { status: 403, type: 'authentication_error', code: 'permission_denied', attr: null };
const missing = (scope: Scope) => ({ ...forbidden, detail: `API key missing required scope '${scope}'.` });
const all = () => [...readings(), replying(), ...writings()];

describe('scopes of keys', () => {
  it('case 113: ticket:write alone reads everything', async () => {
    const key = await addAdminKey(app, ['ticket:write']);
    for (const request of readings()) expect((await call(request, key)).status).toBe(200);
  });

  it('case 114: a scope of another object opens nothing', async () => {
    for (const scope of ['conversation:read', 'conversation:write'] as const) {
      const key = await addAdminKey(app, [scope]);
      await expectAll(readings(), key, missing('ticket:read'));
      await expectAll([replying()], key, missing('ticket:reply'));
      await expectAll(writings(), key, missing('ticket:write'));
    }
  });

  it('case 115: ticket:read may not reply, nor write anything', async () => {
    const key = await addAdminKey(app, ['ticket:read']);
    await expectAll([replying()], key, missing('ticket:reply'));
    await expectAll(writings(), key, missing('ticket:write'));
    for (const request of readings()) expect((await call(request, key)).status).toBe(200);
  });

  it('ticket:reply replies and nothing else; ticket:write and * reply too', async () => {
    const key = await addAdminKey(app, ['ticket:reply']);
    await expectAll(readings(), key, missing('ticket:read'));
    await expectAll(writings(), key, missing('ticket:write'));
    for (const scope of ['ticket:reply', 'ticket:write', '*'] as const) {
      const { id: other } = await createTicket(app);
      const request: Request = ['POST', ticketPath(other, 'reply/'), { message: 'Hello' }];
      expect((await call(request, await addAdminKey(app, [scope]))).status).toBe(201);
    }
  });

  it('a key without scopes may do nothing', async () => {
    await expectAll(all(), await addAdminKey(app, []), forbidden);
  });

  it('no key, and what is none, are answered 401', async () => {
    const unauthorized = { status: 401, type: 'authentication_error', attr: null };
    await expectAll(all(), null, { ...unauthorized, code: 'not_authenticated' });
    await expectAll(all(), 'prl_unknown', { ...unauthorized, code: 'authentication_failed' });
  });

  it('a key limited to other projects is refused with the id', async () => {
    const tenant = await addTenant(app, 'limited');
    const key = await addKey(app, 1, ['*'], [tenant.projectId]);
    await expectAll(all(), key, { ...forbidden, detail: expect.stringContaining('1') });
  });
});

describe('access of users', () => {
  const keyWith = async (access: 'none' | 'viewer' | 'editor' | 'manager') =>
    addKey(app, (await addUser(app, `${access}@example.com`, { access })).id);

  it('none sees nothing', async () => {
    await expectAll(all(), await keyWith('none'), forbidden);
  });

  it('a viewer reads and changes nothing', async () => {
    const key = await keyWith('viewer');
    await expectAll([replying(), ...writings()], key, forbidden);
    for (const request of readings()) expect((await call(request, key)).status).toBe(200);
    const { body } = await app.request('GET', ticketPath(id), { key });
    expect(body).toMatchObject({ user_access_level: 'viewer', unread_team_count: 1 });
  });

  it('an editor and a manager change tickets', async () => {
    for (const access of ['editor', 'manager'] as const) {
      const { status, body } = await app.request('PATCH', ticketPath(id), {
        key: await keyWith(access),
        body: { priority: 'low' },
      });
      expect([status, body]).toMatchObject([200, { user_access_level: access }]);
    }
  });

  it('people of another organization find no such project', async () => {
    const { key } = await addTenant(app, 'elsewhere');
    await expectAll(all(), key, { status: 404, type: 'invalid_request', code: 'not_found', attr: null });
  });

  it('a ticket of another project is 404 under the own project, in path and whatever the method', async () => {
    const tenant = await addTenant(app, 'neighbour');
    await app.database.kysely
      .updateTable('organizations')
      .set({ is_ai_data_processing_approved: true })
      .where('id', '=', tenant.organizationId)
      .execute();
    const before = await getTicket(app, id);
    const own = (path: string) => path.replace(TICKETS, tenant.tickets);
    const withTicket = all().filter(([, path]) => path.includes(id));
    const requests = withTicket.map(([method, path, body]): Request => [method, own(path), body ?? {}]);
    for (const [method, path, body = {}] of requests) {
      const options = { key: tenant.key, ...(method === 'GET' ? {} : { body }) };
      const answer = await app.request(method, path, options);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect(await getTicket(app, id)).toEqual(before);
  });
});
