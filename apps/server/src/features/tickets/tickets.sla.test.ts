import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createTicket,
  eventsOf,
  getTicket,
  SYSTEM,
  ticketPath,
  updateTicket,
} from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { reportBreachedDeadlines, reportDeadlinesAtRisk } from './tickets.sla.ts';

const HOUR = 3_600_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());
beforeEach(async () => {
  await app.database.kysely.updateTable('tickets').set({ sla_due_at: null }).execute();
});

const inHours = (hours: number) => new Date(app.clock.now().getTime() + hours * HOUR).toISOString();

/** Both sweeps, as the scheduler repeats them. */
async function sweep(): Promise<[breached: number, atRisk: number]> {
  const run = app.parley.unitOfWork.run;
  return [await run(SYSTEM, reportBreachedDeadlines), await run(SYSTEM, reportDeadlinesAtRisk)];
}

async function slaEvents(id: string) {
  return (await eventsOf(app, id)).filter(({ name }) => name.startsWith('tickets.sla_'));
}

const namesOf = async (id: string) =>
  (await slaEvents(id)).map(({ name }) => name.slice('tickets.sla_'.length));

describe('tickets.sla_at_risk and tickets.sla_breached', () => {
  it('case I84: come once each, the first an hour before the deadline, the second at it', async () => {
    const sla_due_at = inHours(2);
    const ticket = await createTicket(app, { sla_due_at });
    expect(await sweep()).toEqual([0, 0]);
    app.clock.advance(HOUR - 1);
    expect(await sweep()).toEqual([0, 0]);
    app.clock.advance(1);
    expect(await sweep()).toEqual([0, 1]);
    expect(await sweep()).toEqual([0, 0]);
    app.clock.advance(HOUR - 1);
    expect(await sweep()).toEqual([0, 0]);
    app.clock.advance(1);
    expect(await sweep()).toEqual([1, 0]);
    app.clock.advance(5 * HOUR);
    expect(await sweep()).toEqual([0, 0]);
    expect(await slaEvents(ticket.id)).toMatchObject([
      { name: 'tickets.sla_at_risk', payload: { sla_due_at, sla_delta_seconds: -3600 } },
      { name: 'tickets.sla_breached', payload: { sla_due_at, sla_delta_seconds: 0 } },
    ]);
    expect(await slaEvents(ticket.id)).toMatchObject([{ actor: { actor_type: 'system' } }, {}]);
    expect(await getTicket(app, ticket.id)).toEqual(ticket);
  });

  it('another deadline is another one; the same one set again is not', async () => {
    const late = inHours(-1);
    const { id } = await createTicket(app, { sla_due_at: late });
    expect(await sweep()).toEqual([1, 0]);
    await updateTicket(app, id, { sla_due_at: late, priority: 'high' });
    expect(await sweep()).toEqual([0, 0]);
    await updateTicket(app, id, { sla_due_at: inHours(0.5) });
    expect(await sweep()).toEqual([0, 1]);
    await updateTicket(app, id, { sla_due_at: null });
    app.clock.advance(HOUR);
    expect(await sweep()).toEqual([0, 0]);
    await updateTicket(app, id, { sla_due_at: inHours(-3) });
    expect(await sweep()).toEqual([1, 0]);
    expect(await namesOf(id)).toEqual(['breached', 'at_risk', 'breached']);
  });

  it('a deadline that was missed before anybody looked is breached, without a warning', async () => {
    const { id } = await createTicket(app, { sla_due_at: inHours(-3) });
    await app.parley.unitOfWork.run(SYSTEM, reportDeadlinesAtRisk);
    expect(await sweep()).toEqual([1, 0]);
    expect(await namesOf(id)).toEqual(['breached']);
  });

  it('a resolved ticket misses nothing, until it is open again; a deleted one neither', async () => {
    const { id } = await createTicket(app, { sla_due_at: inHours(0.5), status: 'resolved' });
    const deleted = await createTicket(app, { sla_due_at: inHours(0.5) });
    await app.request('DELETE', ticketPath(deleted.id));
    expect(await sweep()).toEqual([0, 0]);
    app.clock.advance(HOUR);
    expect(await sweep()).toEqual([0, 0]);
    await updateTicket(app, id, { status: 'open' });
    expect(await sweep()).toEqual([1, 0]);
    await app.request('POST', ticketPath(deleted.id, 'restore/'));
    expect(await sweep()).toEqual([1, 0]);
    expect([await namesOf(id), await namesOf(deleted.id)]).toEqual([['breached'], ['breached']]);
  });

  it('takes more than one batch, and nodes that sweep at once report nothing twice', async () => {
    const made = [];
    for (let n = 0; n < 105; n += 1) made.push(await createTicket(app, { sla_due_at: inHours(-1) }));
    const run = () => app.parley.unitOfWork.run(SYSTEM, reportBreachedDeadlines);
    let reported = (await Promise.all([run(), run(), run()])).reduce((sum, n) => sum + n, 0);
    for (let last = 1; last > 0; reported += last) last = await run();
    expect(reported).toBe(105);
    const names = await Promise.all(made.map(({ id }) => namesOf(id)));
    expect(names.every((each) => each.length === 1)).toBe(true);
  });

  it.each(['sla_breached', 'sla_at_risk'])(
    '%s reads its own index and no more of the table',
    async (name) => {
      const statement =
        app.statements.find((text) => /system: tickets\.sla /.test(text) && text.includes(`${name}_for`)) ??
        '';
      const count = Math.max(...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
      const values = Array(count).fill('null').join(', ');
      const plan = await app.database.kysely.connection().execute(async (db) => {
        const ask = (text: string) => sql.raw<Record<string, string>>(text).execute(db);
        await ask(`prepare planned as ${statement}`);
        // A table as small as this one is read whole when that is allowed.
        for (const setting of ['enable_seqscan = off', 'plan_cache_mode = force_generic_plan'])
          await ask(`set ${setting}`);
        const { rows } = await ask(`explain execute planned(${values})`);
        for (const setting of ['enable_seqscan', 'plan_cache_mode']) await ask(`reset ${setting}`);
        await ask('deallocate planned');
        return rows.map((row) => Object.values(row).join()).join('\n');
      });
      expect(plan).toContain(`Index Scan using tickets__${name}`);
      expect(plan).toMatch(/Index Cond: .*sla_due_at/);
      expect(plan).not.toContain('Sort');
    },
  );
});
