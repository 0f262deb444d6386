import type { PageOf } from '@parley/contract/schemas';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '#platform/ids.ts';
import { addTenant } from '../../testing/tenants.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const TICKETS = '/api/projects/1/conversations/tickets/';

let app: TestApp;
let lastNumber = 0;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const addPerson = (email: string, distinctId = newId(), projectId = 1, key?: string) =>
  app.request<{ id: string }>('POST', `/api/projects/${projectId}/persons/`, {
    body: { distinct_id: distinctId, properties: { email } },
    ...(key ? { key } : {}),
  });

/** As the channel's intake will store it. */
async function addTicket(
  channel: 'email' | 'widget',
  emailFrom: string | null,
  distinctId = newId(),
): Promise<string> {
  const id = newId();
  const now = app.clock.now();
  lastNumber += 1;
  await app.database.kysely
    .insertInto('tickets')
    .values({
      project_id: 1,
      id,
      ticket_number: lastNumber,
      channel_source: channel,
      distinct_id: distinctId,
      status: 'new',
      email_from: emailFrom,
      created_at: now,
      updated_at: now,
    })
    .execute();
  return id;
}
const personOf = async (id: string) => (await app.request<Ticket>('GET', `${TICKETS}${id}/`)).body.person;

it('case 116: an e-mail ticket without a person of its own finds one by the sender, ignoring case', async () => {
  const email = `${newId()}@example.com`;
  const { body: person } = await addPerson(email.toUpperCase());
  expect(await personOf(await addTicket('email', email))).toMatchObject({
    id: person.id,
    name: email.toUpperCase(),
  });
});

it('prefers the distinct id to the address', async () => {
  const [email, distinctId] = [`${newId()}@example.com`, newId()];
  await addPerson(email);
  const { body: person } = await addPerson('else@example.com', distinctId);
  expect(await personOf(await addTicket('email', email, distinctId))).toMatchObject({ id: person.id });
});

it('case 117: a widget ticket does not', async () => {
  const email = `${newId()}@example.com`;
  await addPerson(email);
  expect(await personOf(await addTicket('widget', email))).toBeNull();
});

it('never finds a person of another team', async () => {
  const other = await addTenant(app);
  const [email, distinctId] = [`${newId()}@example.com`, newId()];
  expect((await addPerson(email, distinctId, other.projectId, other.owner.key)).status).toBe(201);
  expect(await personOf(await addTicket('email', email, distinctId))).toBeNull();
});

it('case 118: of three e-mail tickets with two matches one has no person', async () => {
  const emails = [1, 2, 3].map(() => `${newId()}@example.com`);
  for (const email of emails.slice(0, 2)) await addPerson(email);
  const ids: string[] = [];
  for (const email of emails) ids.push(await addTicket('email', email));
  const { body } = await app.request<PageOf<Ticket>>('GET', `${TICKETS}?ids=${ids.join(',')}`);
  expect(body.results.map((ticket) => [ticket.id, ticket.person?.name ?? null]).sort()).toEqual(
    [
      [ids[0], emails[0]],
      [ids[1], emails[1]],
      [ids[2], null],
    ].sort(),
  );
});
