import { Message } from '@parley/contract/messages';
import { Page } from '@parley/contract/schemas';
import { Ticket, tickets } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPerson, adminId, createTicket, reply, TICKETS, ticketPath } from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

it('a bare ticket and one with everything have exactly the declared fields', async () => {
  await createTicket(app);
  await addPerson(app, ['ada'], { name: 'Ada' });
  const full = await createTicket(app, {
    distinct_id: 'ada',
    tags: ['a'],
    message: 'hello',
    priority: 'high',
  });
  await reply(app, full.id, 'hi', { rich_content: { type: 'doc' } });
  await sql`
    update tickets set assignee_user_id = ${await adminId(app)}, sla_due_at = now(), snoozed_until = now(), session_id = 's',
      slack_channel_id = 'C', slack_thread_ts = '1', slack_team_id = 'T', email_subject = 'x', email_from = 'a@example.com',
      github_repo = 'a/b', github_issue_number = 1, organization_id = 'o', organization_id_source = 'person',
      identity_verified = true, escalation_reason = 'why', channel_source = 'github', channel_detail = 'github_issue'
    where project_id = 1 and id = ${full.id}`.execute(app.database.kysely);
  const list = await app.request('GET', TICKETS);
  expect(shapeErrors(Page(Ticket), { count_capped: true, ...(list.body as object) })).toEqual([]);
  for (const number of [1, 2]) {
    const one = await app.request('GET', ticketPath(number));
    expect(shapeErrors(Ticket, one.body)).toEqual([]);
  }
  const messages = await app.request('GET', ticketPath(2, 'messages/'));
  expect(shapeErrors(Page(Message), { count_capped: true, ...(messages.body as object) })).toEqual([]);
  const activity = await app.request('GET', ticketPath(2, 'activity/'));
  expect(
    shapeErrors(tickets.activity.responses[200], { count_capped: true, ...(activity.body as object) }),
  ).toEqual([]);
});

it('a field too many or too few is told', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
  expect(shapeErrors(schema, { a: 'x', c: 1 })).toEqual(['.b is missing', '.c is not declared']);
  expect(() => shapeErrors(schema, { a: 1 })).toThrow();
});
