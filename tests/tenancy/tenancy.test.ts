import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recountReports } from '../../apps/server/src/features/reports/reports.recount.ts';
import { customerWrote } from '../../apps/server/src/features/scheduled-replies/scheduled-replies.repo.ts';
import { applyTagOperations } from '../../apps/server/src/features/tags/tag-operations.apply.service.ts';
import { recountTickets } from '../../apps/server/src/features/ticket-counts/ticket-counts.recount.ts';
import { DEFAULT_ORDER } from '../../apps/server/src/features/tickets/tickets.filter-sql.ts';
import { searchTickets } from '../../apps/server/src/features/tickets/tickets.search.ts';
import { SEARCH_LIMITS } from '../../apps/server/src/features/tickets/tickets.search-costs.ts';
import {
  addEmailConfig,
  addPerson,
  addTenant,
  createTicket,
  SYSTEM,
  setProject,
  type Tenant,
  TICKETS,
  ticketPath,
} from '../../apps/server/src/testing/fixtures.ts';
import { findTenancyViolations, SYSTEM_STATEMENTS } from '../../apps/server/src/testing/tenancy.ts';
import { createTestApp, type TestApp } from '../../apps/server/src/testing/test-app.ts';
import {
  collapse,
  composedStatements,
  holdsInOrder,
  systemMarks,
  unboundQueries,
} from './source-statements.ts';

let app: TestApp;
let other: Tenant;
beforeAll(async () => {
  app = await createTestApp();
  other = await addTenant(app, 'other');
  await setProject(app, { conversations_settings: { email_enabled: true } });
});
afterAll(() => app.close());

const PROJECT = '/api/projects/1/';
const VIEWS = `${PROJECT}conversations/views/`;

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await app.request<T>(method, path, body ? { body } : {});
  if (response.status >= 400)
    throw new Error(`${method} ${path} answered ${response.status}: ${response.text}`);
  return response.body;
}

/** Uses everything whose statements are put together of parts, with every part. */
async function useEverything(): Promise<void> {
  await call('POST', `${PROJECT}persons/`, {
    distinct_id: 'p',
    distinct_ids: ['q'],
    properties: { email: 'p@x.org' },
  });
  const personId = await addPerson(app, ['r'], { email: 'r@x.org' });
  await call('POST', `${PROJECT}persons/`, { distinct_id: 'p', distinct_ids: ['r'], properties: { a: 1 } });
  await call('GET', `${PROJECT}persons/?search=x.org&email=p@x.org&distinct_id=p`);
  expect((await app.request('GET', `${PROJECT}persons/${personId}/`)).status).toBeLessThan(500);
  const { id } = await createTicket(app, { message: 'Hello', tags: ['a'], distinct_id: 'p' });
  const { short_id } = await call<{ short_id: string }>('POST', VIEWS, {
    name: 'Open',
    filters: { status: ['open'] },
  });
  await call('PATCH', `${VIEWS}${short_id}/`, { is_favorited: true, is_default: true });
  await call('GET', VIEWS);
  await call('GET', `${VIEWS}default/`);
  await call('PATCH', `${VIEWS}${short_id}/`, { is_favorited: false, is_default: false });
  for (const query of [
    `view=${short_id}`,
    'unread=mine&search=hello',
    'search=hello&count=exact&cursor=',
    'tags=["a"]&assignee=me',
    'emails=p@x.org&distinct_ids=p&date_from=-1d',
    'tags=["a","b"]&status=new',
    'tags=["a","b"]&tags_all=["a"]&count=exact',
    'date_from=-1d&count=exact&order_by=created_at',
    'date_to=-1d&order_by=-sla_due_at&cursor=',
  ])
    await call('GET', `${TICKETS}?${query}`);
  for (const q of ['from:p to:x has:attachment', 'hello', 'h -hello', 'tag:a before:2030-01-01'])
    await call('GET', `${PROJECT}conversations/search/?q=${encodeURIComponent(q)}`);
  await call('GET', `${VIEWS}counts/?ids=${short_id}`);
  await call('GET', `${PROJECT}conversations/activities/?ticket=1&activity=created`);
  await call('GET', `${PROJECT}conversations/notifications/?unread=true`);
  await call('GET', `${PROJECT}conversations/tags/?counts=true`);
  for (const query of ['', '&search=hello', '&include=messages,activities'])
    await call('GET', `${TICKETS}export/?format=ndjson${query}`);
  await call('GET', `${TICKETS}unread_count/`);
  await call('GET', `${PROJECT}conversations/tags/?search=a`);
  await call('POST', ticketPath(id, 'reply/'), { message: 'Hello yourself' });
  await call('GET', ticketPath(id, 'messages/'));
  await call('GET', ticketPath(id, 'messages/?cursor='));
  await call('GET', ticketPath(id));
  await call('POST', `${TICKETS}compose/`, {
    recipient_email: 'p@x.org',
    email_config_id: await addEmailConfig(app),
    message: 'Hi',
  });
  await searchByIndex();
  await app.parley.unitOfWork.read(SYSTEM, ({ tx }) => customerWrote(tx, { project_id: 1, id }));
  await call('POST', `${PROJECT}conversations/tags/merge/`, { from: ['a'], into: 'b' });
  while (await applyTagOperations((work) => app.parley.unitOfWork.run(SYSTEM, work)));
  for (const query of ['volume/?group_by=tag', 'resolution/?group_by=assignee', 'backlog/'])
    await call('GET', `${PROJECT}conversations/reports/${query}`);
  await recountReports((work) => app.parley.unitOfWork.run(SYSTEM, work), 1);
  await app.parley.unitOfWork.run(SYSTEM, (uow) => recountTickets(uow, 1));
  await app.parley.unitOfWork.run(SYSTEM, (uow) => recountTickets(uow, other.projectId));
}

/** The way a search of a million tickets goes. */
async function searchByIndex(): Promise<void> {
  const usual = { ...SEARCH_LIMITS };
  Object.assign(SEARCH_LIMITS, { small: 0, tried: 1e9 });
  await call('GET', `${TICKETS}?search=hello`);
  await call('GET', `${TICKETS}?search=h`);
  // More matches than may be counted, all of them old: they are sorted.
  Object.assign(SEARCH_LIMITS, { window: 0, peekWorth: 0 });
  await app.parley.unitOfWork.read(SYSTEM, (context) => {
    const plain = [sql`t.project_id = 1`, sql`t.ticket_number = 1`];
    const page = { order: DEFAULT_ORDER, reversed: false, stretches: [[]], limit: 5, offset: 0 };
    const kind = { isBare: false, isNarrow: false, isDated: false, isBounded: false };
    const whose = plain.slice(0, 1);
    return searchTickets(context, { projectId: 1, plain, whose, words: [], cap: 0, ...kind, ...page });
  });
  Object.assign(SEARCH_LIMITS, usual);
}

describe('the reader of the sources', () => {
  const inFile = (text: string) => [{ path: 'seeded.ts', text }];

  it('finds a query built without project_id', () => {
    expect(
      unboundQueries(inFile("tx.selectFrom('tickets as t').select('id').where('t.id', '=', id)")),
    ).toHaveLength(1);
    expect(
      unboundQueries(inFile("tx.deleteFrom('tags').where('project_id', '<>', id).execute()")),
    ).toHaveLength(1);
    expect(unboundQueries(inFile("tx.updateTable('tags').where('tags.project_id', '=', id)"))).toEqual([]);
    expect(unboundQueries(inFile("tx.selectFrom('users').where('id', '=', id)"))).toEqual([]);
  });

  it('finds a statement that nothing in it proves', () => {
    const found = composedStatements(
      inFile(`const a = sql\`select 1 from  tickets t where ${'$'}{all} limit 1\`;`),
    );
    expect(found).toEqual([{ place: 'seeded.ts:1', pieces: ['select 1 from tickets t where', 'limit 1'] }]);
    expect(composedStatements(inFile(`sql\`select 1 from tickets where project_id = ${'$'}{id}\``))).toEqual(
      [],
    );
    expect(composedStatements(inFile('sql`delete from tickets`'))).toHaveLength(1);
  });

  it('knows a statement by all its pieces, in their order', () => {
    expect(holdsInOrder('select a from b where c', ['select a', 'where'])).toBe(true);
    expect(holdsInOrder('select a from b where c', ['where', 'select a'])).toBe(false);
    expect(holdsInOrder('select a from b', ['select a', 'where'])).toBe(false);
  });
});

describe('tenancy', () => {
  it('every query that is built by calls binds its tables by project_id', () => {
    expect(unboundQueries()).toEqual([]);
  });

  it('every statement that is put together of parts ran here, and stayed in its project', async () => {
    await useEverything();
    const ran = [...new Set(app.statements)].map(collapse);
    const composed = composedStatements();
    // A reader that finds nothing to prove would prove anything.
    expect(composed.length).toBeGreaterThan(5);
    const missing = composed.filter(({ pieces }) => !ran.some((text) => holdsInOrder(text, pieces)));
    expect(missing).toEqual([]);
    for (const sql of new Set(app.statements)) expect([sql, findTenancyViolations(sql)]).toEqual([sql, []]);
  });

  it('the statements that cross projects are the few that are listed, and each of them exists', () => {
    const marks = systemMarks();
    expect(SYSTEM_STATEMENTS.filter((name) => !marks.has(name))).toEqual([]);
    expect(SYSTEM_STATEMENTS.length).toBeLessThanOrEqual(18);
    expect(new Set(SYSTEM_STATEMENTS).size).toBe(SYSTEM_STATEMENTS.length);
  });
});
