import type { Message } from '@parley/contract/messages';
import type { AccessLevel, MembershipLevel, Scope } from '@parley/contract/route';
import type { Ticket, TicketCreate } from '@parley/contract/tickets';
import { issueKey } from '#features/api-keys/api-keys.service.ts';
import { createUser } from '#features/auth/users.service.ts';
import { receiveMessage } from '#features/messages/messages.receive.service.ts';
import { type NewMessage, storeMessage } from '#features/messages/messages.store.service.ts';
import { createOrganization } from '#features/organizations/organizations.service.ts';
import { createProject } from '#features/projects/projects.service.ts';
import { findTicket, lockTicket } from '#features/tickets/tickets.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { TestApp } from './test-app.ts';

export const SYSTEM: Actor = { kind: 'system' };
export const TICKETS = '/api/projects/1/conversations/tickets/';

/** The address of a ticket of project 1, or of something below it. */
export function ticketPath(ref: string | number, below = ''): string {
  return `${TICKETS}${ref}/${below}`;
}

function expectStatus<T>(response: { status: number; body: T; text: string }, status: number): T {
  if (response.status !== status) throw new Error(`Answered ${response.status}: ${response.text}`);
  return response.body;
}

export async function createTicket(app: TestApp, body: TicketCreate = {}): Promise<Ticket> {
  return expectStatus(await app.request<Ticket>('POST', TICKETS, { body }), 201);
}

/** The ticket as it is, without marking it as read. */
export async function getTicket(app: TestApp, id: string): Promise<Ticket> {
  return expectStatus(await app.request<Ticket>('GET', ticketPath(id, '?mark_read=false')), 200);
}

export async function updateTicket(app: TestApp, id: string, body: object): Promise<Ticket> {
  return expectStatus(await app.request<Ticket>('PATCH', ticketPath(id), { body }), 200);
}

export async function reply(app: TestApp, id: string, message: string, more: object = {}): Promise<Message> {
  const body = { message, ...more };
  return expectStatus(await app.request<Message>('POST', ticketPath(id, 'reply/'), { body }), 201);
}

export async function listMessages(app: TestApp, id: string): Promise<Message[]> {
  const response = await app.request<{ results: Message[] }>('GET', ticketPath(id, 'messages/'));
  return expectStatus(response, 200).results;
}

/** A project as services get it. */
export async function projectOf(app: TestApp, id = 1): Promise<Project> {
  const row = await app.database.kysely
    .selectFrom('projects')
    .innerJoin('organizations', 'organizations.id', 'projects.organization_id')
    .selectAll('projects')
    .select('is_ai_data_processing_approved')
    .where('projects.id', '=', id)
    .executeTakeFirstOrThrow();
  return {
    id,
    organizationId: row.organization_id,
    name: row.name,
    timezone: row.timezone,
    conversationsEnabled: row.conversations_enabled,
    settings: row.conversations_settings,
    isAiApproved: row.is_ai_data_processing_approved,
    access: 'manager',
  };
}

/** What the customer writes over their channel. */
export async function customerWrites(app: TestApp, ticketId: string, content: string): Promise<string> {
  const project = await projectOf(app);
  return app.parley.unitOfWork.run(SYSTEM, async (uow) => {
    const ticket = await findTicket(uow, project, ticketId);
    return (await receiveMessage(uow, project, ticket, content)).id;
  });
}

/** A message as some channel stored it. */
export async function addMessage(
  app: TestApp,
  ticketId: string,
  content: string,
  itemContext: NewMessage['itemContext'],
  authorUserId: number | null = null,
): Promise<string> {
  const project = await projectOf(app);
  return app.parley.unitOfWork.run(SYSTEM, async (uow) => {
    const ticket = await lockTicket(uow, project, ticketId);
    return (await storeMessage(uow, ticket, { content, itemContext, authorUserId })).id;
  });
}

export async function setProject(
  app: TestApp,
  changes: { conversations_enabled?: boolean; conversations_settings?: object },
): Promise<void> {
  const { conversations_settings: settings, ...rest } = changes;
  await app.database.kysely
    .updateTable('projects')
    .set({ ...rest, ...(settings ? { conversations_settings: JSON.stringify(settings) } : {}) })
    .where('id', '=', 1)
    .execute();
}

export interface TestUser {
  id: number;
  email: string;
}

export interface AddUserOptions {
  /** Default: the organization of project 1. */
  organizationId?: string;
  level?: MembershipLevel;
  /** In project 1, instead of what the level brings. */
  access?: AccessLevel;
  firstName?: string;
  lastName?: string;
}

export async function addUser(app: TestApp, email: string, options: AddUserOptions = {}): Promise<TestUser> {
  const { firstName = '', lastName = '', level = 'member', access } = options;
  const organization_id = options.organizationId ?? (await projectOf(app)).organizationId;
  return app.parley.unitOfWork.run(SYSTEM, async (uow) => {
    const user = await createUser(uow, { email, firstName, lastName, passwordHash: 'none' });
    if (!user) throw new Error(`There is a user ${email} already.`);
    const membership = { organization_id, user_id: user.id, level, created_at: uow.now };
    await uow.tx.insertInto('memberships').values(membership).execute();
    if (access) {
      await uow.tx
        .insertInto('project_access')
        .values({ project_id: 1, user_id: user.id, level: access })
        .execute();
    }
    return { id: user.id, email };
  });
}

export async function addKey(
  app: TestApp,
  userId: number,
  scopes: readonly Scope[] = ['*'],
  projectIds: readonly number[] | null = null,
): Promise<string> {
  const input = { userId, label: 'test', scopes, projectIds };
  return (await app.parley.unitOfWork.run(SYSTEM, (uow) => issueKey(uow, input))).token;
}

/** A key of the administrator's with these scopes alone. */
export async function addAdminKey(app: TestApp, scopes: readonly Scope[]): Promise<string> {
  return addKey(app, await adminId(app), scopes);
}

export async function adminId(app: TestApp): Promise<number> {
  const first = app.database.kysely.selectFrom('users').select('id').orderBy('id').limit(1);
  return (await first.executeTakeFirstOrThrow()).id;
}

export async function addRole(app: TestApp, name: string, organizationId?: string): Promise<string> {
  const organization_id = organizationId ?? (await projectOf(app)).organizationId;
  const id = newId();
  const role = { id, organization_id, name, created_at: app.clock.now() };
  await app.database.kysely.insertInto('roles').values(role).execute();
  return id;
}

export interface Tenant {
  organizationId: string;
  projectId: number;
  owner: TestUser;
  /** Of the owner, with every scope. */
  key: string;
  tickets: string;
}

/** Another organization with a project, an owner and a key: nothing of it may ever be seen from project 1. */
export async function addTenant(app: TestApp, name: string): Promise<Tenant> {
  const email = `owner@${name}.example`;
  const tenant = await app.parley.unitOfWork.run(SYSTEM, async (uow) => {
    const user = await createUser(uow, { email, firstName: '', lastName: '', passwordHash: 'none' });
    if (!user) throw new Error(`There is a user ${email} already.`);
    const organizationId = await createOrganization(uow, { name, ownerId: user.id });
    const { id: projectId } = await createProject(uow, createSecretBox(app.config.secret), {
      organizationId,
      name,
    });
    return { organizationId, projectId, owner: { id: user.id, email } };
  });
  const key = await addKey(app, tenant.owner.id);
  return { ...tenant, key, tickets: `/api/projects/${tenant.projectId}/conversations/tickets/` };
}

/** An address this project may send from. */
export async function addEmailConfig(
  app: TestApp,
  options: { projectId?: number; email?: string; isVerified?: boolean } = {},
): Promise<string> {
  const { projectId = 1, email = `support-${newId()}@example.com`, isVerified = true } = options;
  const row = { id: newId(), project_id: projectId, email, is_verified: isVerified };
  await app.database.kysely
    .insertInto('email_configs')
    .values({ ...row, created_at: app.clock.now() })
    .execute();
  return row.id;
}

export async function addPerson(
  app: TestApp,
  distinctIds: readonly string[],
  properties: object = {},
  projectId = 1,
): Promise<string> {
  const [id, now] = [newId(), app.clock.now()];
  await app.database.kysely
    .insertInto('persons')
    .values({
      project_id: projectId,
      id,
      properties: JSON.stringify(properties),
      created_at: now,
      updated_at: now,
    })
    .execute();
  for (const distinct_id of distinctIds) {
    const row = { project_id: projectId, distinct_id, person_id: id, created_at: now };
    await app.database.kysely.insertInto('person_distinct_ids').values(row).execute();
  }
  return id;
}

/** Events about a ticket, in the order in which they were written. */
export async function eventsOf(app: TestApp, ticketId: string) {
  return app.database.kysely
    .selectFrom('events')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('id')
    .execute();
}

/** Names of the events about a ticket, in the order in which they were written. */
export async function eventNames(app: TestApp, ticketId: string): Promise<string[]> {
  return (await eventsOf(app, ticketId)).map(({ name }) => name);
}

export interface ShownActivity {
  activity: string;
  detail: { name: string; changes: Record<string, unknown>[] };
  actor: Record<string, unknown>;
  created_at: string;
}

/** What was done to a ticket, oldest first. */
export async function activitiesOf(app: TestApp, ticketId: string): Promise<ShownActivity[]> {
  const response = await app.request<{ results: ShownActivity[] }>('GET', ticketPath(ticketId, 'activity/'));
  return expectStatus(response, 200).results.toReversed();
}
