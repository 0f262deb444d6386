import type { VolumeFigures } from '@parley/contract/reports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTenant, createTicket, type Tenant } from '../../testing/fixtures.ts';
import { addMember } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import type { Report } from './reports.answer.ts';
import { projectAll } from './testing.ts';

const REPORTS = '/api/projects/1/conversations/reports/';

let app: TestApp;
let other: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'], now: new Date('2026-04-02T10:00:00.000Z') });
  other = await addTenant(app, 'other');
  await createTicket(app, {});
  await projectAll(app);
});
afterAll(() => app.close());

describe('what is asked for wrongly', () => {
  const CASES: [query: string, code: string, attr: string][] = [
    ['date_from=yesterday', 'invalid_input', 'date_from'],
    ['date_to=2026-02-30', 'invalid_input', 'date_to'],
    ['date_from=2026-04-01&date_to=2026-03-01', 'invalid_input', 'date_from'],
    ['date_from=2025-01-01&date_to=2026-03-01', 'max_value', 'date_from'],
    ['date_from=0001-01-01&date_to=0001-02-01', 'min_value', 'date_to'],
    ['date_from=-9999y', 'invalid_input', 'date_from'],
    ['interval=hour', 'invalid_choice', 'interval'],
    ['group_by=status', 'invalid_choice', 'group_by'],
    ['channel=fax', 'invalid_choice', 'channel'],
    ['channel=email,fax', 'invalid_choice', 'channel'],
    ['assignee=user:x', 'invalid_choice', 'assignee'],
    ['assignee=user:99999999999', 'invalid_choice', 'assignee'],
    ['assignee=role:1', 'invalid_choice', 'assignee'],
    ['format=xml', 'invalid_choice', 'format'],
  ];
  it.each(CASES)('%s is refused', async (query, code, attr) => {
    const { status, body } = await app.request<object>('GET', `${REPORTS}volume/?${query}`);
    expect([status, body]).toMatchObject([400, { code, attr }]);
  });

  it('costs nobody a 500', async () => {
    const hostile = [
      'tag=%00',
      'tag=%F0%9F%98',
      `tag=${'x'.repeat(5000)}`,
      'date_from=9999-12-31&date_to=9999-12-31&interval=month',
      'date_from=9999-11-30&date_to=9999-12-31&interval=week',
      'date_from=1970-01-01&date_to=1970-01-02',
      'assignee=user:9999999999',
      "channel='--",
      'date_from=%00',
      'interval=__proto__',
    ];
    for (const query of hostile)
      expect([query, (await app.request('GET', `${REPORTS}volume/?${query}`)).status]).toEqual([
        query,
        expect.any(Number),
      ]);
    for (const query of hostile)
      expect((await app.request('GET', `${REPORTS}volume/?${query}`)).status, query).toBeLessThan(500);
    expect((await app.request('GET', `${REPORTS}export/?report=none`)).status).toBe(400);
  });

  it('shows figures to readers of the project only', async () => {
    const views = await addMember(app, { scopes: ['conversation:read'] });
    const reader = await addMember(app, { access: 'viewer', scopes: ['ticket:read'] });
    expect((await app.request('GET', `${REPORTS}volume/`, { key: views.key })).status).toBe(403);
    expect((await app.request('GET', `${REPORTS}volume/`, { key: reader.key })).status).toBe(200);
    expect((await app.request('GET', `${REPORTS}volume/`, { key: other.key })).status).toBe(404);
    const theirs = `/api/projects/${other.projectId}/conversations/reports/volume/`;
    const { body } = await app.request<Report<VolumeFigures>>('GET', theirs, { key: other.key });
    expect(body.totals.created).toBe(0);
    expect(body.as_of).not.toBeNull();
  });
});
