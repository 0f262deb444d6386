import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  activitiesOf,
  createTicket,
  eventNames,
  eventsOf,
  getTicket,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

describe('tickets.update', () => {
  it('case 69: logs sla_due_at with before null', async () => {
    const { id } = await createTicket(app);
    const after = await updateTicket(app, id, { sla_due_at: '2026-03-03T12:00:00+02:00' });
    expect(after.sla_due_at).toBe('2026-03-03T10:00:00.000Z');
    const [, updated] = await activitiesOf(app, id);
    expect(updated).toMatchObject({
      activity: 'updated',
      detail: {
        name: `Ticket #${after.ticket_number}`,
        changes: [
          { type: 'Ticket', field: 'sla_due_at', before: null, after: after.sla_due_at, action: 'changed' },
        ],
      },
    });
  });

  it('compares instants as instants: the same moment in another zone is no change', async () => {
    const { id } = await createTicket(app, { sla_due_at: '2026-03-03T10:00:00Z' });
    await updateTicket(app, id, { sla_due_at: '2026-03-03T12:00:00.000+02:00' });
    expect(await activitiesOf(app, id)).toHaveLength(1);
  });

  it('case 77: ignores ticket_number, unread_team_count and every other read-only or unknown field', async () => {
    const before = await createTicket(app, { message: 'Hello' });
    const after = await updateTicket(app, before.id, {
      id: '00000000-0000-7000-8000-000000000000',
      ticket_number: 4711,
      unread_team_count: 0,
      message_count: 99,
      channel_source: 'email',
      distinct_id: 'somebody-else',
      created_at: '2001-01-01T00:00:00Z',
      updated_at: '2001-01-01T00:00:00Z',
      deleted_at: '2001-01-01T00:00:00Z',
      version: 77,
      project_id: 2,
      user_access_level: 'none',
      no_such_field: { a: 1 },
    });
    expect(after).toEqual({ ...before, version: before.version + 1 });
  });

  it('cases 74 to 76 are void: awaiting_deletion_id is an unknown field', async () => {
    const before = await createTicket(app);
    const after = await updateTicket(app, before.id, { awaiting_deletion_id: 5 });
    expect(after.status).toBe('new');
    expect(after).not.toHaveProperty('awaiting_deletion_id');
  });

  it('case 79: normalises tags', async () => {
    const { id } = await createTicket(app, { tags: ['old'] });
    expect((await updateTicket(app, id, { tags: ['A ', 'a'] })).tags).toEqual(['a']);
    expect((await updateTicket(app, id, { tags: ['  ', 'Zeta', 'alpha', 'ÄRGER'] })).tags).toEqual([
      'alpha',
      'zeta',
      'ärger',
    ]);
    expect((await updateTicket(app, id, { tags: [] })).tags).toEqual([]);
  });

  it('logs each added and each removed tag', async () => {
    const { id } = await createTicket(app, { tags: ['gone', 'kept'] });
    await updateTicket(app, id, { tags: ['kept', 'fresh'] });
    const changes = (await activitiesOf(app, id)).flatMap(({ detail }) => detail.changes);
    expect(changes).toEqual([
      { type: 'Ticket', field: 'tag', action: 'created', after: 'fresh' },
      { type: 'Ticket', field: 'tag', action: 'deleted', before: 'gone' },
    ]);
  });

  it('takes a ticket number in the path, and PUT like PATCH', async () => {
    const { id, ticket_number } = await createTicket(app, { priority: 'low', escalation_reason: 'Late' });
    const response = await app.request('PUT', ticketPath(ticket_number), { body: { status: 'pending' } });
    expect(response.status).toBe(200);
    expect(await getTicket(app, id)).toMatchObject({
      status: 'pending',
      priority: 'low',
      escalation_reason: 'Late',
    });
    expect((await app.request('PUT', ticketPath(id), { body: {} })).status).toBe(200);
  });

  it('writes every writable field and nothing beside it', async () => {
    const { id, ...before } = await createTicket(app, { anonymous_traits: { name: 'Ann', plan: 'pro' } });
    const body = {
      status: 'open',
      priority: 'critical',
      anonymous_traits: { name: 'Bea' },
      ai_resolved: true,
      escalation_reason: 'A person was asked for',
      sla_due_at: '2026-04-01T00:00:00.000Z',
    };
    expect(await updateTicket(app, id, body)).toEqual({ id, ...before, ...body, version: 2 });
  });

  it('stores the empty priority as null', async () => {
    const { id } = await createTicket(app, { priority: 'high' });
    expect((await updateTicket(app, id, { priority: '' })).priority).toBeNull();
    expect((await updateTicket(app, id, { priority: 'low' })).priority).toBe('low');
    expect((await updateTicket(app, id, { priority: null })).priority).toBeNull();
  });

  it('moves updated_at and the version even when nothing is named', async () => {
    const before = await createTicket(app);
    app.clock.advance(5000);
    const after = await updateTicket(app, before.id, {});
    expect(after.updated_at).toBe(app.clock.now().toISOString());
    expect(after.updated_at > before.updated_at).toBe(true);
    expect(after).toEqual({ ...before, updated_at: after.updated_at, version: before.version + 1 });
    expect(await activitiesOf(app, before.id)).toHaveLength(1);
  });

  it('never moves updated_at backwards when a node has a slow clock', async () => {
    const { id, updated_at } = await createTicket(app);
    app.clock.advance(-60_000);
    expect((await updateTicket(app, id, { status: 'open' })).updated_at).toBe(updated_at);
    app.clock.advance(60_000);
  });

  it('changes of different fields made at once both stand', async () => {
    const { id } = await createTicket(app);
    await Promise.all([
      updateTicket(app, id, { status: 'pending' }),
      updateTicket(app, id, { priority: 'high' }),
      updateTicket(app, id, { tags: ['both'] }),
    ]);
    expect(await getTicket(app, id)).toMatchObject({
      status: 'pending',
      priority: 'high',
      tags: ['both'],
      version: 4,
    });
  });

  it('one activity holds all changed fields of a request', async () => {
    const { id } = await createTicket(app);
    await updateTicket(app, id, { status: 'open', priority: 'high', ai_resolved: true });
    const [, updated, ...others] = await activitiesOf(app, id);
    expect(updated?.detail.changes.map(({ field }) => field)).toEqual(['status', 'priority']);
    expect(others).toEqual([]);
  });

  it('the event of a change names every field that changed', async () => {
    const { id } = await createTicket(app);
    await updateTicket(app, id, {
      ai_resolved: true,
      escalation_reason: 'x',
      anonymous_traits: { a: 1 },
      status: 'new',
    });
    const event = (await eventsOf(app, id)).find(({ name }) => name === 'tickets.update');
    expect(event?.payload).toMatchObject({
      fields: ['anonymous_traits', 'ai_resolved', 'escalation_reason'],
    });
    expect(await eventNames(app, id)).toEqual(['tickets.create', 'tickets.update']);
  });
});
