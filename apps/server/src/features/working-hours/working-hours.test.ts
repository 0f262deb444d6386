import type { WorkingHours } from '@parley/contract/working-hours';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAdminKey, addKey, addUser, projectOf, SYSTEM } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { findCalendar } from './working-hours.service.ts';
import { addWorkingTime } from './working-time.service.ts';

const PATH = '/api/projects/1/conversations/working_hours/';
const NINE_TO_FIVE = [{ start: '09:00', end: '17:00' }];
const WEEKLY = {
  monday: NINE_TO_FIVE,
  tuesday: NINE_TO_FIVE,
  wednesday: NINE_TO_FIVE,
  thursday: NINE_TO_FIVE,
  friday: [
    { start: '13:00', end: '15:00' },
    { start: '09:00', end: '12:00' },
  ],
};
const XMAS = { name: ' Christmas ', date: '2026-12-25', yearly: true };

let app: TestApp;
beforeAll(async () => {
  // A Monday, 11:00 in Berlin.
  app = await createTestApp({ roles: ['http'], now: new Date('2026-03-02T10:00:00.000Z') });
});
afterAll(() => app.close());

const put = (body: unknown, key?: string) =>
  app.request<WorkingHours & { code: string; attr: string }>('PUT', PATH, { body, ...(key ? { key } : {}) });
const get = async () => (await app.request<WorkingHours>('GET', PATH)).body;

describe('working_hours.retrieve', () => {
  it('shows a project that has set none as always open', async () => {
    const hours = await get();
    expect(hours).toMatchObject({
      timezone: 'UTC',
      holidays: [],
      is_open: true,
      version: 0,
      updated_at: null,
    });
    expect(hours.weekly.sunday).toEqual([{ start: '00:00', end: '24:00' }]);
    expect(hours.next_opening_at).toBe('2026-03-02T10:00:00.000Z');
  });
});

describe('working_hours.update', () => {
  it('replaces all that was set, sorted, and counts versions', async () => {
    const first = await put({ weekly: WEEKLY, holidays: [XMAS] });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      weekly: { saturday: [], sunday: [], friday: [{ start: '09:00', end: '12:00' }, { start: '13:00' }] },
      holidays: [{ name: 'Christmas', date: '2026-12-25', yearly: true, start: null, end: null }],
      is_open: true,
      version: 1,
      updated_at: '2026-03-02T10:00:00.000Z',
    });
    expect(await get()).toEqual(first.body);
    const second = await put({ weekly: { tuesday: [{ start: '22:00', end: '24:00', extra: 1 }] } });
    expect(second.body).toMatchObject({ version: 2, holidays: [], is_open: false });
    expect(second.body.weekly).toMatchObject({ monday: [], tuesday: [{ start: '22:00', end: '24:00' }] });
    expect(second.body.next_opening_at).toBe('2026-03-03T22:00:00.000Z');
    const events = await app.database.kysely
      .selectFrom('events')
      .select(['name', 'resource_version'])
      .where('name', '=', 'working_hours.update')
      .orderBy('id')
      .execute();
    expect(events.map((event) => event.resource_version)).toEqual([1, 2]);
  });

  it('takes effect for deadlines, in the zone of the project', async () => {
    await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'Europe/Berlin' } });
    await put({
      weekly: WEEKLY,
      holidays: [{ name: 'Strike', date: '2026-03-03', start: '09:00', end: '12:00' }],
    });
    const project = await projectOf(app);
    const calendar = await app.parley.unitOfWork.read(SYSTEM, (context) => findCalendar(context, project));
    const deadline = addWorkingTime(calendar, app.clock.now(), 8, 'hour');
    expect(deadline.toISOString()).toBe('2026-03-03T13:00:00.000Z');
    expect(await get()).toMatchObject({ timezone: 'Europe/Berlin', is_open: true });
    await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'UTC' } });
  });

  it('is for managers, with a session or every right', async () => {
    const weak = await addAdminKey(app, ['ticket:write']);
    expect((await put({ weekly: WEEKLY }, weak)).status).toBe(403);
    expect((await app.request('GET', PATH, { key: weak })).status).toBe(200);
    const editor = await addUser(app, 'editor@example.com', { access: 'editor' });
    expect((await put({ weekly: WEEKLY }, await addKey(app, editor.id))).status).toBe(403);
  });

  it('refuses bad input with the field, and changes nothing', async () => {
    const before = await get();
    const monday = (windows: unknown) => ({ weekly: { monday: windows } });
    const holiday = (more: object) => ({
      weekly: WEEKLY,
      holidays: [{ name: 'x', date: '2026-05-01', ...more }],
    });
    const refusals: [body: unknown, attr: string, code?: string][] = [
      [{}, 'weekly', 'required'],
      [{ weekly: null }, 'weekly', 'null'],
      [{ weekly: {} }, 'weekly', 'empty'],
      [{ weekly: { monday: [] } }, 'weekly', 'empty'],
      [monday('9-17'), 'weekly__monday'],
      [monday([{ start: '09:00' }]), 'weekly__monday__0__end', 'required'],
      [monday([{ start: '9:00', end: '17:00' }]), 'weekly__monday__0__start'],
      [monday([{ start: '09:00', end: '24:01' }]), 'weekly__monday__0__end'],
      [monday([{ start: '09:00', end: '17:60' }]), 'weekly__monday__0__end'],
      [monday([{ start: '17:00', end: '09:00' }]), 'weekly__monday__0__end'],
      [monday([{ start: '09:00', end: '09:00' }]), 'weekly__monday__0__end'],
      [monday([NINE_TO_FIVE[0], { start: '16:59', end: '18:00' }]), 'weekly__monday'],
      [monday(Array(11).fill({ start: '09:00', end: '17:00' })), 'weekly__monday', 'max_length'],
      [monday([{ start: '\0', end: '17:00' }]), 'weekly__monday__0__start', 'null_characters_not_allowed'],
      [holiday({ date: '2026-02-30' }), 'holidays__0__date'],
      [holiday({ date: '2026-13-01' }), 'holidays__0__date'],
      [holiday({ date: '1.5.2026' }), 'holidays__0__date'],
      [holiday({ name: ' ' }), 'holidays__0__name', 'blank'],
      [holiday({ name: 'x'.repeat(201) }), 'holidays__0__name', 'max_length'],
      [holiday({ yearly: 'yes' }), 'holidays__0__yearly'],
      [holiday({ start: '09:00' }), 'holidays__0__end'],
      [holiday({ end: '09:00' }), 'holidays__0__start'],
      [holiday({ start: '12:00', end: '10:00' }), 'holidays__0__end'],
      [{ weekly: WEEKLY, holidays: Array(501).fill(XMAS) }, 'holidays', 'max_length'],
    ];
    for (const [body, attr, code] of refusals) {
      const answer = await put(body);
      expect([answer.status, answer.body.attr, code ?? answer.body.code]).toEqual([
        400,
        attr,
        answer.body.code,
      ]);
    }
    expect(await get()).toEqual(before);
  });
});
