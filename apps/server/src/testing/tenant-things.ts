import type { RouteDeclaration } from '@parley/contract/route';
import { sql } from 'kysely';
import { projectNotifications } from '#features/notifications/notifications.project.service.ts';
import { sequenceEvents } from '#platform/events/sequencer.ts';
import { newToken } from '#platform/ids.ts';
import { signServiceToken } from '#platform/service-token.ts';
import { addEmailConfig, addUser, SYSTEM } from './fixtures.ts';
import { SERVICE_SECRET, type TestApp } from './test-app.ts';

export interface Owner {
  organizationId: string;
  projectId: number;
  userId: number;
  key: string;
}

/** What the parameters of paths name, by `paramsOf`. */
export type Things = Readonly<Record<string, string>>;

interface Made {
  id: string;
  short_id: string;
  secret: string;
}

/** One of everything a path can name, made by the owner of an organization in it and its project. */
export async function addThings(app: TestApp, owner: Owner): Promise<Things> {
  const { organizationId, projectId, userId, key } = owner;
  const send = async (method: string, path: string, body: object, as = key) => {
    const answer = await app.request<Made>(method, path, { key: as, body });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  const project = `/api/projects/${projectId}/`;
  const organization = `/api/organizations/${organizationId}/`;
  const ticket = await send('POST', `${project}conversations/tickets/`, {
    message: 'Hi',
    tags: ['x', `of-${projectId}`, 'old'],
  });
  await send('POST', `${project}conversations/tickets/${ticket.id}/read/`, {});
  const note = { message: `Among us, @[me](user:${userId})`, is_private: true };
  const message = await send('POST', `${project}conversations/tickets/${ticket.id}/reply/`, note);
  const proposed = { message: 'For the team' };
  const replyDraft = await send(
    'POST',
    `${project}conversations/tickets/${ticket.id}/reply_drafts/`,
    proposed,
  );
  await send('PUT', `${project}conversations/tickets/${ticket.id}/draft/`, { message: 'Not yet' });
  const later = { message: 'Later', send_at: '2026-12-24T09:00:00Z' };
  const scheduled = await send('POST', `${project}conversations/tickets/${ticket.id}/reply/`, later);
  const view = await send('POST', `${project}conversations/views/`, { name: 'All' });
  await send('PATCH', `${project}conversations/views/${view.short_id}/`, {
    is_favorited: true,
    is_default: true,
  });
  await send('PUT', `${project}conversations/working_hours/`, {
    weekly: { monday: [{ start: '09:00', end: '17:00' }] },
  });
  const operation = await send('PATCH', `${project}conversations/tags/old/`, { name: 'new' });
  const secret = await send('POST', `${project}secrets/rotate/`, {});
  const identitySecret = await send('POST', `${project}identity_secrets/rotate/`, {});
  await send('POST', `${project}conversations/tickets/${ticket.id}/ai_feedback/`, {
    message_id: message.id,
    rating: 'good',
  });
  const service = { projectId, ticketId: ticket.id, name: 'Workflow' };
  const token = await signServiceToken(SERVICE_SECRET, service, { now: app.clock.now() });
  const posted = { message: 'By itself', idempotency_key: '1' };
  await send('POST', `${project}internal/conversations/tickets/${ticket.id}`, posted, token);
  const captured = { project_id: projectId, idempotency_key: '1', message_id: message.id ?? '' };
  await app.database.kysely
    .insertInto('workflow_emails')
    .values({ ...captured, created_at: app.clock.now() })
    .execute();
  const quick = { name: 'Greet', content: 'Hello' };
  const quickAction = await send('POST', `${project}conversations/quick_actions/`, quick);
  const article = await send('POST', `${project}conversations/content_articles/`, { title: 'Returns' });
  const guidance = { rule_type: 'tone', name: 'Kind', content: 'Be kind' };
  const rule = await send('POST', `${project}conversations/guidance_rules/`, guidance);
  await send('PATCH', '/api/users/@me/preferences/', { theme: 'dark' });
  await send('PATCH', `${project}preferences/`, { columns: ['status'] });
  const imported = await app.request<Made>('POST', `${project}conversations/tickets/import/`, {
    key,
    headers: { 'content-type': 'application/x-ndjson' },
    body: 'not a line\n',
  });
  const person = await send('POST', `${project}persons/`, {
    distinct_id: 'ann',
    properties: { plan: 'pro' },
  });
  const hook = { url: 'https://example.com/hook', events: ['*'] };
  const webhook = await send('POST', `${project}webhooks/`, hook);
  const delivery = await send('POST', `${project}webhooks/${webhook.id}/test/`, {});
  const role = await send('POST', `${organization}roles/`, { name: 'Second line' });
  const invitation = await send('POST', `${organization}invitations/`, { email: 'soon@example.com' });
  const member = await addUser(app, `member@${projectId}.example`, { organizationId });
  await send('PUT', `${project}access/${member.id}/`, { level: 'viewer' });
  await send('PUT', `${organization}conversations/availability/${member.id}/`, { is_available: false });
  await send('PUT', `${organization}roles/${role.id}/members/${member.id}/`, {});
  const tickets = `${project}conversations/tickets/`;
  await send('POST', `${tickets}${ticket.id}/followers/`, { user_id: member.id });
  const [second, third] = [await send('POST', tickets, {}), await send('POST', tickets, {})];
  const link = await send('POST', `${tickets}${ticket.id}/links/`, { ticket: second.id, kind: 'related' });
  await send('POST', `${tickets}bulk_update/`, { ids: [second.id], status: 'open' });
  const merge = { target: third.id, allow_different_customers: true };
  await send('POST', `${tickets}${second.id}/merge/`, merge);
  await send('PATCH', `${tickets}${ticket.id}/`, { assignee: { type: 'user', id: member.id } });
  await tellEverybody(app);
  return {
    tickets: ticket.id,
    name: `of-${projectId}`,
    operation_id: operation.id,
    message_id: message.id,
    comment_id: message.id,
    reply_draft_id: replyDraft.id,
    scheduled_reply_id: scheduled.id,
    ticket_id: ticket.id,
    secret_id: secret.id,
    identity_secret_id: identitySecret.id,
    secret: secret.secret,
    views: view.short_id,
    quick_actions: quickAction.short_id,
    content_articles: article.id,
    guidance_rules: rule.id,
    persons: person.id,
    email_configs: await addEmailConfig(app, { projectId }),
    webhook_id: webhook.id,
    delivery_id: delivery.id,
    role_id: role.id,
    invitation_id: invitation.id,
    user_id: String(member.id),
    link_id: link.id,
    import_id: imported.body.id,
    key_id: await keyOf(app, userId),
    session_id: String(await addSession(app, userId)),
  };
}

/** What the scheduler does by itself: events get their numbers, and whom they concern is told of them. */
export async function tellEverybody({ database, parley }: TestApp): Promise<void> {
  while ((await sequenceEvents(database)).more);
  while (await projectNotifications((work) => parley.unitOfWork.run(SYSTEM, work)));
}

async function keyOf({ database }: TestApp, userId: number): Promise<string> {
  const query = database.kysely.selectFrom('api_keys').select('id').where('user_id', '=', userId);
  return (await query.limit(1).executeTakeFirstOrThrow()).id;
}

async function addSession({ database, clock }: TestApp, userId: number): Promise<number> {
  const now = clock.now();
  const row = { token: newToken(''), user_id: userId, created_at: now, updated_at: now };
  const { id } = await database.kysely
    .insertInto('sessions')
    .values({ ...row, expires_at: new Date(now.getTime() + 86_400_000) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

const PARAMETER = /(\w+)\/:(\w+)/g;

const isBare = (name: string) => name === 'id' || name === 'short_id';

/** Names of the things a path names below its project and organization; a bare id is called after its collection. */
export function paramsOf(route: RouteDeclaration): string[] {
  return [...route.path.matchAll(PARAMETER)].flatMap(([, collection = '', name = '']) =>
    name === 'project_id' || name === 'organization_id' ? [] : [isBare(name) ? collection : name],
  );
}

/** The path of a route with these things in it. */
export function fillPath(route: RouteDeclaration, things: Things): string {
  return route.path.replace(PARAMETER, (_, collection: string, name: string) => {
    const thing = things[isBare(name) ? collection : name];
    // A new kind of thing has to be made above, or nobody would know whether it is safe.
    if (thing === undefined) throw new Error(`${route.id}: nothing is known for :${name} of ${collection}`);
    return `${collection}/${thing}`;
  });
}

const OF_PROJECT = [
  'projects',
  'activities',
  'ai_feedback',
  'content_articles',
  'drafts',
  'email_configs',
  'events',
  'guidance_rules',
  'identity_secrets',
  'idempotency_keys',
  'message_mentions',
  'messages',
  'notification_cursors',
  'notifications',
  'outbox',
  'person_distinct_ids',
  'persons',
  'project_access',
  'project_preferences',
  'quick_actions',
  'reply_drafts',
  'scheduled_replies',
  'project_secrets',
  'service_messages',
  'tag_operations',
  'tags',
  'ticket_counters',
  'ticket_followers',
  'ticket_import_problems',
  'ticket_imports',
  'ticket_links',
  'ticket_merges',
  'ticket_reads',
  'ticket_view_defaults',
  'ticket_view_favorites',
  'ticket_views',
  'tickets',
  'undos',
  'webhook_deliveries',
  'webhooks',
  'workflow_emails',
  'working_hours',
];
const OF_ORGANIZATION = [
  'organizations',
  'agent_availability',
  'audit_log',
  'invitations',
  'memberships',
  'roles',
];
const OF_USER = ['users', 'accounts', 'api_keys', 'role_members', 'sessions', 'user_preferences'];

/** Every row of an organization, its project and its people; without what is written later by nobody's request. */
export async function snapshot(app: TestApp, owner: Owner): Promise<Record<string, unknown[]>> {
  const { organizationId, projectId } = owner;
  const part = (own: string, key: string, value: string | number) => (table: string) => {
    const column = sql.ref(table === own ? 'id' : key);
    const people = sql`(select user_id from memberships where organization_id = ${value}::uuid)`;
    const isOurs = key === 'user_id' ? sql`${column} in ${people}` : sql`${column} = ${value}`;
    const rows = sql`select to_jsonb(t) - 'seq' - 'last_used_at' as row from ${sql.table(table)} t where ${isOurs}`;
    return sql`select ${table} as name, (select jsonb_agg(row order by row) from (${rows}) listed) as rows`;
  };
  const parts = [
    ...OF_PROJECT.map(part('projects', 'project_id', projectId)),
    ...OF_ORGANIZATION.map(part('organizations', 'organization_id', organizationId)),
    ...OF_USER.map(part('users', 'user_id', organizationId)),
  ];
  const found = await sql<{ name: string; rows: unknown[] | null }>`
    ${sql.join(parts, sql` union all `)}`.execute(app.database.kysely);
  return Object.fromEntries(found.rows.map(({ name, rows }) => [name, rows ?? []]));
}
