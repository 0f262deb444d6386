import type { ErrorBody } from '@parley/contract/errors';
import type { GuidanceRule } from '@parley/contract/guidance-rules';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey, addTenant, addUser } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const RULES = '/api/projects/1/conversations/guidance_rules/';

let app: TestApp;
let viewer: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  viewer = await addKey(app, (await addUser(app, 'vic@example.com', { access: 'viewer' })).id);
});
afterAll(() => app.close());

const RULE = { rule_type: 'tone', name: 'Kind', content: 'Be kind' };
const call = (method: string, path: string, body?: object, key?: string) =>
  app.request<GuidanceRule & ErrorBody>(method, path, { ...(body ? { body } : {}), ...(key ? { key } : {}) });
async function create(body: object = {}): Promise<GuidanceRule> {
  app.clock.advance(1000);
  const answer = await call('POST', RULES, { ...RULE, ...body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}
const names = async (query: string) =>
  (await app.request<PageOf<GuidanceRule>>('GET', `${RULES}${query}`)).body.results.map(({ name }) => name);

describe('#guidance_rules', () => {
  it('is created, changed by PATCH and PUT, and deleted for good', async () => {
    const rule = await create({ channels: ['widget'] });
    expect(rule).toMatchObject({ ...RULE, is_active: true, channels: ['widget'], created_by: { id: 1 } });
    const path = `${RULES}${rule.id}/`;
    expect((await call('GET', path, undefined, viewer)).body).toEqual(rule);
    expect((await call('PATCH', path, { is_active: false })).body).toMatchObject({
      ...RULE,
      is_active: false,
    });
    const whole = { rule_type: 'escalation', name: 'Angry', content: 'Hand over' };
    expect((await call('PUT', path, whole)).body).toMatchObject({ ...whole, is_active: false });
    expect((await call('PUT', path, { name: 'x', content: 'y' })).body.attr).toBe('rule_type');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    const events = await app.database.kysely
      .selectFrom('events')
      .select('name')
      .where('resource_id', '=', rule.id)
      .orderBy('id')
      .execute();
    expect(events.map(({ name }) => name)).toEqual([
      'guidance_rules.create',
      'guidance_rules.update',
      'guidance_rules.update',
      'guidance_rules.delete',
    ]);
  });

  it('is listed newest first, by name, type and whether it is active', async () => {
    await create({ name: 'List a' });
    await create({ name: 'List b', rule_type: 'escalation', is_active: false });
    expect(await names('?search=list')).toEqual(['List b', 'List a']);
    expect(await names('?search=list&is_active=True')).toEqual(['List a']);
    expect(await names('?search=list&is_active=nonsense')).toEqual(['List b']);
    expect(await names('?search=list&rule_type=escalation')).toEqual(['List b']);
    expect(await names('?rule_type=nonsense')).toEqual([]);
  });

  it.each([
    ['rule_type', 'required', { rule_type: undefined }],
    ['rule_type', 'invalid_choice', { rule_type: 'mood' }],
    ['name', 'blank', { name: '' }],
    ['name', 'max_length', { name: 'x'.repeat(201) }],
    ['content', 'required', { content: undefined }],
    ['content', 'max_length', { content: 'x'.repeat(50_001) }],
    ['is_active', 'null', { is_active: null }],
    ['channels__1', 'invalid_choice', { channels: ['email', 'fax'] }],
  ])('refuses a wrong %s: %s', async (attr, code, body) => {
    const answer = await call('POST', RULES, { ...RULE, ...body });
    expect(answer).toMatchObject({ status: 400, body: { attr, code } });
  });

  it('is for editors of its project', async () => {
    const rule = await create();
    const path = `${RULES}${rule.id}/`;
    expect((await call('POST', RULES, RULE, viewer)).status).toBe(403);
    for (const method of ['PATCH', 'PUT', 'DELETE'])
      expect((await call(method, path, method === 'DELETE' ? undefined : RULE, viewer)).status).toBe(403);
    const tenant = await addTenant(app, 'theirs');
    const theirs = `/api/projects/${tenant.projectId}/conversations/guidance_rules/`;
    expect((await call('GET', `${theirs}${rule.id}/`, undefined, tenant.key)).status).toBe(404);
    expect((await call('GET', path, undefined, tenant.key)).status).toBe(404);
  });
});
