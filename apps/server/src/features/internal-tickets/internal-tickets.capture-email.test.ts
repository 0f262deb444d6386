import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { merge, unmerge } from '#features/ticket-merge/testing.ts';
import { signServiceToken } from '#platform/service-token.ts';
import {
  addPerson,
  addTenant,
  eventsOf,
  getTicket,
  listMessages,
  setProject,
  type Tenant,
  ticketPath,
} from '../../testing/fixtures.ts';
import { createTestApp, SERVICE_SECRET, type TestApp } from '../../testing/test-app.ts';
import { seedTicket, type TicketSeed } from '../../testing/ticket-rows.ts';

const FLOW = '01900000-0000-7000-8000-0000000000ab';

let app: TestApp;
let tenant: Tenant;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
  tenant = await addTenant(app, 'Others');
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const table of ['tickets', 'persons'] as const)
    await app.database.kysely.deleteFrom(table).where('project_id', '=', 1).execute();
});

const ANN = 'ann@example.com';
let keys = 0;
const email = (more: object = {}) => {
  keys += 1;
  return { recipient_email: ANN, message: 'Welcome!', idempotency_key: `key-${keys}`, ...more };
};

interface Caller {
  ticketId?: string | undefined;
  projectId?: number;
  headers?: Record<string, string>;
}
async function capture(body: object, { ticketId, projectId = 1, headers = {} }: Caller = {}) {
  const claims = { projectId, ticketId, name: 'Onboarding' };
  const key = await signServiceToken(SERVICE_SECRET, claims, { now: app.clock.now() });
  const path = `/api/projects/${projectId}/internal/conversations/workflow_emails`;
  const answer = await app.request<{ status?: string; code?: string; attr?: string }>('POST', path, {
    key,
    body,
    headers,
  });
  return { ...answer, outcome: answer.body.status ?? answer.body.code };
}
const ofAnn = (more: TicketSeed = {}) =>
  seedTicket(app, { channel_source: 'email', email_from: 'Ann@Example.com', status: 'open', ...more });
const texts = async ({ id }: { id: string }) => (await listMessages(app, id)).map(({ content }) => content);

describe('internal_tickets.capture_email', () => {
  it('puts what a workflow sent into the thread of its customer, and sends nothing', async () => {
    await setProject(app, { conversations_settings: { email_enabled: true } });
    const ticket = await ofAnn({ status: 'new', unread_team_count: 2 });
    app.clock.advance(1000);
    const answer = await capture(email({ message: ' Welcome! ', email_subject: 'Hello' }), {
      headers: { 'x-posthog-hog-flow-id': FLOW },
    });
    expect([answer.status, answer.body]).toEqual([201, { status: 'created' }]);
    expect(await listMessages(app, ticket.id)).toMatchObject([
      { content: 'Welcome!', is_private: false, author_type: 'workflow', author_name: 'Onboarding' },
    ]);
    expect(await getTicket(app, ticket.id)).toMatchObject({
      status: 'new',
      message_count: 1,
      last_message_text: 'Welcome!',
      unread_team_count: 2,
      unread_customer_count: 0,
    });
    expect(await app.database.kysely.selectFrom('outbox').select('id').execute()).toEqual([]);
    const rows = await app.database.kysely.selectFrom('messages').select('item_context').execute();
    expect(rows).toMatchObject([{ item_context: { email_to: ANN, email_subject: 'Hello' } }]);
    // No event that workflows wait for: they would mail each other.
    expect(await eventsOf(app, ticket.id)).toMatchObject([
      {
        name: 'messages.capture',
        actor: { actor_type: 'external' },
        chain: [`hog_flow:${FLOW}`],
        payload: { message_content: 'Welcome!' },
      },
    ]);
  });

  it('does so once per key in a project, whatever else is said', async () => {
    const ticket = await ofAnn();
    const once = email();
    const answers = await Promise.all([1, 2, 3].map((n) => capture({ ...once, message: `Attempt ${n}` })));
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['created', 'existing', 'existing']);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect((await capture({ ...once, recipient_email: 'ben@example.com' })).outcome).toBe('existing');
    expect(await texts(ticket)).toHaveLength(1);
    await seedTicket(app, { email_from: ANN }, tenant.projectId);
    expect((await capture(once, { projectId: tenant.projectId })).outcome).toBe('created');
  });

  it('skips where Support or the setting is off, and can be asked again', async () => {
    const ticket = await ofAnn();
    const later = email();
    await setProject(app, { conversations_enabled: false });
    expect(await capture(later)).toMatchObject({ status: 200, outcome: 'skipped_disabled' });
    await setProject(app, {
      conversations_enabled: true,
      conversations_settings: { capture_workflow_emails: false },
    });
    expect((await capture(later)).outcome).toBe('skipped_disabled');
    await setProject(app, { conversations_settings: {} });
    expect(await texts(ticket)).toEqual([]);
    expect((await capture(later)).outcome).toBe('created');
  });

  it('finds the unresolved ticket of the customer that was last active', async () => {
    const at = (hours: number) => new Date(app.clock.now().getTime() - hours * 3_600_000);
    await ofAnn({ updated_at: at(3) });
    const wanted = await ofAnn({ updated_at: at(2), status: 'pending' });
    await ofAnn({ updated_at: at(1), status: 'resolved' });
    await ofAnn({ updated_at: at(0), deleted_at: at(0) });
    await seedTicket(app, { email_from: 'ben@example.com', updated_at: at(0) });
    expect((await capture(email())).outcome).toBe('created');
    expect(await texts(wanted)).toEqual(['Welcome!']);
  });

  it.each<[string, TicketSeed]>([
    ['resolved', { email_from: ANN, status: 'resolved' }],
    ['of somebody who only typed the address', { anonymous_traits: JSON.stringify({ email: ANN }) }],
    ['of an unproven visitor with the id of that person', { distinct_id: 'ann' }],
    [
      'of another customer with a copy to them',
      { email_from: 'x@y.z', cc_participants: JSON.stringify([ANN]) },
    ],
  ])('answers skipped_unmatched when the only ticket is %s', async (_, seed) => {
    await addPerson(app, ['ann', 'ann-2'], { email: ANN });
    const ticket = await seedTicket(app, seed);
    const skipped = email();
    expect(await capture(skipped)).toMatchObject({ status: 200, outcome: 'skipped_unmatched' });
    expect(await texts(ticket)).toEqual([]);
    await seedTicket(app, { distinct_id: 'ann-2', identity_verified: true });
    expect((await capture(skipped)).outcome).toBe('created');
  });

  it('goes to the named ticket, resolved or not, if it is the recipient’s', async () => {
    const [named, open] = [await ofAnn({ status: 'resolved' }), await ofAnn()];
    const other = await seedTicket(app, { email_from: 'ben@example.com' });
    expect((await capture(email({ ticket_id: named.id.toUpperCase() }))).outcome).toBe('created');
    expect((await capture(email(), { ticketId: named.id })).outcome).toBe('created');
    expect([await texts(named), await texts(open)]).toEqual([['Welcome!', 'Welcome!'], []]);
    expect((await getTicket(app, named.id)).status).toBe('resolved');
    for (const ticket_id of [other.id, '01900000-0000-7000-8000-000000000000'])
      expect((await capture(email({ ticket_id }))).outcome).toBe('skipped_unmatched');
    await app.request('DELETE', ticketPath(named.id));
    expect((await capture(email({ ticket_id: named.id }))).outcome).toBe('skipped_unmatched');
  });

  it('follows a merged ticket to where its thread goes on, and goes back with it', async () => {
    const [source, target] = [await ofAnn(), await seedTicket(app, { email_from: 'ben@example.com' })];
    await merge(app, source.id, { target: target.id, allow_different_customers: true });
    expect((await capture(email())).outcome).toBe('skipped_unmatched');
    expect((await capture(email({ ticket_id: source.id }))).outcome).toBe('created');
    expect(await texts(target)).toEqual(['Welcome!']);
    await unmerge(app, source.id);
    expect([await texts(source), await texts(target)]).toEqual([['Welcome!'], []]);
  });

  it('a token for one ticket is for no other, and one of another project for none', async () => {
    const [one, two] = [await ofAnn(), await ofAnn()];
    const refused = await capture(email({ ticket_id: two.id }), { ticketId: one.id });
    expect([refused.status, refused.outcome]).toEqual([403, 'permission_denied']);
    expect((await capture(email({ ticket_id: one.id }), { projectId: tenant.projectId })).outcome).toBe(
      'skipped_unmatched',
    );
    expect(await texts(one)).toEqual([]);
  });

  it.each([
    [{ recipient_email: undefined }, 'required', 'recipient_email'],
    [{ recipient_email: 'nobody' }, 'invalid_input', 'recipient_email'],
    [{ message: ' ' }, 'blank', 'message'],
    [{ message: 'x'.repeat(50_001) }, 'max_length', 'message'],
    [{ idempotency_key: ' ' }, 'blank', 'idempotency_key'],
    [{ email_subject: 'x'.repeat(501) }, 'max_length', 'email_subject'],
    [{ ticket_id: '7' }, 'invalid_input', 'ticket_id'],
  ])('refuses %j', async (more, code, attr) => {
    const { status, body } = await capture(email(more));
    expect([status, body]).toMatchObject([400, { code, attr }]);
  });
});
