import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTicket, getTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { externalPath, newSecret, withSecret } from './testing.ts';

const OFFICE = {
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  time: ['09:00', '17:00'],
};

let app: TestApp;
let send: ReturnType<typeof withSecret>;
let id: string;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'], now: new Date('2026-03-02T10:00:00.000Z') });
  send = withSecret(app, (await newSecret(app)).secret);
  ({ id } = await createTicket(app));
});
afterAll(() => app.close());

function setClock(at: string): void {
  app.clock.advance(new Date(at).getTime() - app.clock.now().getTime());
}

async function deadline(body: object): Promise<string | null> {
  const answer = await send('PATCH', externalPath(id), body);
  expect([answer.status, answer.body]).toEqual([200, { ok: true }]);
  return (await getTicket(app, id)).sla_due_at;
}

describe('sla_amount', () => {
  it('case 137: on Monday at 10:00, 4 hours are 14:00, with and without business hours', async () => {
    expect(await deadline({ sla_amount: 4, sla_unit: 'hour' })).toBe('2026-03-02T14:00:00.000Z');
    expect(await deadline({ sla_amount: 4, sla_business_hours: OFFICE })).toBe('2026-03-02T14:00:00.000Z');
    expect(await deadline({ sla_amount: 90, sla_unit: 'minute' })).toBe('2026-03-02T11:30:00.000Z');
    expect(await deadline({ sla_amount: 1, sla_unit: 'day' })).toBe('2026-03-03T10:00:00.000Z');
    expect(await deadline({ sla_amount: 0.5 })).toBe('2026-03-02T10:30:00.000Z');
    expect(await deadline({ sla_due_at: null })).toBeNull();
  });

  it('counts in the project’s time zone unless one is named', async () => {
    await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'America/New_York' } });
    const named = { ...OFFICE, timezone: 'Asia/Kolkata' };
    expect(await deadline({ sla_amount: 1, sla_business_hours: OFFICE })).toBe('2026-03-02T15:00:00.000Z');
    expect(await deadline({ sla_amount: 2, sla_business_hours: named })).toBe('2026-03-03T04:00:00.000Z');
    await app.request('PATCH', '/api/projects/1/', { body: { timezone: 'UTC' } });
  });

  it('counts in the working hours and holidays of the project when asked for', async () => {
    const hours = { sla_amount: 10, sla_business_hours: 'project' };
    expect(await deadline(hours)).toBe('2026-03-02T20:00:00.000Z');
    const nine = [{ start: '09:00', end: '17:00' }];
    await app.request('PUT', '/api/projects/1/conversations/working_hours/', {
      body: {
        weekly: { monday: nine, tuesday: nine, wednesday: nine },
        holidays: [{ name: 'Off', date: '2026-03-03' }],
      },
    });
    expect(await deadline(hours)).toBe('2026-03-04T12:00:00.000Z');
  });

  it('any time on all seven days is plain time', async () => {
    const all = { days: [...OFFICE.days, 'saturday', 'sunday'], time: 'any', timezone: 'Europe/Berlin' };
    setClock('2026-03-28T12:00:00.000Z');
    expect(await deadline({ sla_amount: 1, sla_unit: 'day', sla_business_hours: all })).toBe(
      '2026-03-29T12:00:00.000Z',
    );
  });

  it('cases 138 and I82: on Thursday at 16:00, 10 hours are Monday 10:00 and 4 hours are Friday 12:00', async () => {
    setClock('2026-04-09T16:00:00.000Z');
    expect(await deadline({ sla_amount: 10, sla_business_hours: OFFICE })).toBe('2026-04-13T10:00:00.000Z');
    expect(await deadline({ sla_amount: 4, sla_business_hours: OFFICE })).toBe('2026-04-10T12:00:00.000Z');
    const day = { sla_amount: 1, sla_unit: 'day', sla_business_hours: OFFICE };
    expect(await deadline(day)).toBe('2026-04-10T16:00:00.000Z');
  });
});

describe('bad input', () => {
  it('cases 136, 139 and 140: is refused by field, and changes nothing', async () => {
    const before = await getTicket(app, id);
    const hours = (more: object) => ({ sla_amount: 1, sla_business_hours: { ...OFFICE, ...more } });
    const refusals: [body: object, field: string][] = [
      [{ sla_due_at: '2026-05-01T00:00:00Z', sla_amount: 4 }, 'sla_amount'],
      [{ sla_due_at: null, sla_amount: 4 }, 'sla_amount'],
      [{ sla_amount: 0 }, 'sla_amount'],
      [{ sla_amount: -1 }, 'sla_amount'],
      [{ sla_amount: '4' }, 'sla_amount'],
      [{ sla_amount: null }, 'sla_amount'],
      [{ sla_amount: 1e308 }, 'sla_amount'],
      [{ sla_amount: 43_921 }, 'sla_amount'],
      [{ sla_amount: 1831, sla_unit: 'day' }, 'sla_amount'],
      [{ sla_amount: 1800, sla_unit: 'day', sla_business_hours: OFFICE }, 'sla_amount'],
      [{ sla_amount: 1, sla_unit: 'week' }, 'sla_unit'],
      [hours({ days: [] }), 'sla_business_hours'],
      [hours({ days: ['Monday'] }), 'sla_business_hours'],
      [hours({ days: ['someday'] }), 'sla_business_hours'],
      [hours({ days: 'monday' }), 'sla_business_hours'],
      [hours({ time: ['17:00', '09:00'] }), 'sla_business_hours'],
      [hours({ time: ['09:00', '09:00'] }), 'sla_business_hours'],
      [hours({ time: ['9', '17'] }), 'sla_business_hours'],
      [hours({ time: ['09:00'] }), 'sla_business_hours'],
      [hours({ time: ['09:00', '10:00', '11:00'] }), 'sla_business_hours'],
      [hours({ time: 'all' }), 'sla_business_hours'],
      [hours({ timezone: 'Mars/Olympus' }), 'sla_business_hours'],
      [hours({ timezone: '+02:00' }), 'sla_business_hours'],
      [hours({ timezone: 5 }), 'sla_business_hours'],
      [{ sla_amount: 1, sla_business_hours: 'always' }, 'sla_business_hours'],
      [{ sla_amount: 1, sla_business_hours: [OFFICE] }, 'sla_business_hours'],
      [{ sla_business_hours: { days: [] } }, 'sla_business_hours'],
      [{ status: 'done' }, 'status'],
      [{ status: null }, 'status'],
      [{ priority: null }, 'priority'],
      [{ priority: 'urgent' }, 'priority'],
      [{ sla_due_at: 'soon' }, 'sla_due_at'],
      [{ snoozed_until: '2026-02-30T00:00:00Z' }, 'snoozed_until'],
      [{ assignee: 'me' }, 'assignee'],
      [{ tags: Array(101).fill('x') }, 'tags'],
      [{ tags: ['x'.repeat(201)] }, 'tags'],
      [{ tags: ['a\0'] }, 'tags'],
      [{ tags: 'x' }, 'tags'],
      [{ tags_mode: 'replace' }, 'tags_mode'],
    ];
    for (const [body, field] of refusals) {
      const answer = await send('PATCH', externalPath(id), { status: 'resolved', ...body });
      expect([body, answer.status, answer.body]).toEqual([
        body,
        400,
        { error: { [field]: [expect.any(String)] } },
      ]);
    }
    expect(await getTicket(app, id)).toEqual(before);
  });
});
