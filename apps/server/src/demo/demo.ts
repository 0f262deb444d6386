import { randomBytes } from 'node:crypto';
import type { ViewCreate } from '@parley/contract/views';
import type { Database } from '@parley/db/database';
import { toActorUser } from '#features/auth/acting-user.service.ts';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { createUser, findUserId, preparePassword } from '#features/auth/users.service.ts';
import { addMember } from '#features/organizations/members.service.ts';
import { addRoleMember, createRole } from '#features/organizations/roles.service.ts';
import { upsertPerson } from '#features/persons/persons.service.ts';
import { countByFacets } from '#features/ticket-counts/ticket-counts.service.ts';
import { createView } from '#features/views/views.create.service.ts';
import { type Actor, type ActorUser, type Project, requireUser } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/log.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { COLLEAGUES, COMPANIES, CUSTOMERS, PLANS } from './demo-content.ts';
import { type DemoCustomer, planTicket } from './demo-plan.ts';
import { DemoRandom } from './demo-random.ts';
import { writeTicket } from './demo-ticket.ts';

export interface DemoParts {
  database: Database;
  unitOfWork: UnitOfWork;
  clock: Clock;
  log: Logger;
}

const TICKETS = 200;
const SYSTEM: Actor = { kind: 'system' };

/** Fills project 1 with a month of support, once: a project that has tickets is left alone. */
export async function fillDemo(parts: DemoParts): Promise<void> {
  const { unitOfWork, clock, log } = parts;
  const owner = await findOwner(parts);
  const project = owner && (await createIdentities(parts).project(owner.id, '1'));
  if (!owner || !project) return log.warn('no project 1 to fill with the demo');
  const existing = await unitOfWork.read(SYSTEM, (context) =>
    countByFacets(context, project.id, { deleted: false }),
  );
  if (existing > 0) return log.info('the project has tickets already; the demo is left out');
  const random = new DemoRandom(2026);
  const { agents, assignees } = await addColleagues(unitOfWork, project, owner);
  const customers = await addCustomers(unitOfWork, project, random);
  for (let index = 0; index < TICKETS; index += 1) {
    const customer = customers[random.below(customers.length)];
    const agent = agents[index % agents.length];
    if (!customer || !agent) continue;
    await writeTicket(
      unitOfWork,
      project,
      agent,
      planTicket(index, random, clock.now(), customer, assignees),
    );
  }
  await addViews(unitOfWork, project, agents[0] ?? SYSTEM);
  log.info({ tickets: TICKETS, persons: customers.length }, 'demo filled');
}

async function findOwner({ database }: DemoParts): Promise<ActorUser | undefined> {
  const user = await database.kysely
    .selectFrom('users')
    .select(['id', 'uuid', 'email', 'first_name', 'last_name'])
    .orderBy('id')
    .executeTakeFirst();
  return user && toActorUser(user);
}

const sessionOf = (user: ActorUser): Actor => ({ kind: 'session', user, sessionId: 'demo' });

/** Colleagues nobody can sign in as: their passwords are random and told to nobody. */
async function addColleagues(unitOfWork: UnitOfWork, project: Project, owner: ActorUser) {
  const passwordHash = await preparePassword(randomBytes(24).toString('hex'));
  return unitOfWork.run(sessionOf(owner), async (uow) => {
    const { organizationId } = project;
    const users: ActorUser[] = [owner];
    for (const colleague of COLLEAGUES) {
      const created = await createUser(uow, { ...colleague, passwordHash });
      const id = created?.id ?? (await findUserId(uow, colleague.email));
      if (id === undefined) continue;
      await addMember(uow, { organization_id: organizationId, user_id: id, level: 'member' });
      users.push({ id, uuid: created?.uuid ?? '', ...colleague });
    }
    const role = await createRole(uow, organizationId, 'Billing');
    for (const user of users.slice(1, 3)) await addRoleMember(uow, organizationId, role.id, String(user.id));
    const assignees = [...users.map(({ id }) => ({ type: 'user', id })), { type: 'role', id: role.id }];
    return { agents: users.map(sessionOf), assignees };
  });
}

async function addCustomers(
  unitOfWork: UnitOfWork,
  project: Project,
  random: DemoRandom,
): Promise<DemoCustomer[]> {
  const customers: DemoCustomer[] = [];
  for (const name of CUSTOMERS) {
    const handle = name.toLowerCase().replace(/[^a-z]+/g, '.');
    const company = random.pick(COMPANIES);
    const customer = {
      distinctId: `user-${handle}`,
      name,
      email: `${handle}@${company.toLowerCase()}.example`,
    };
    const properties = { name, email: customer.email, company, plan: random.pick(PLANS) };
    const person = { distinct_id: customer.distinctId, properties, is_identified: true };
    await unitOfWork.run(SYSTEM, (uow) => upsertPerson(uow, project.id, person));
    customers.push(customer);
  }
  return customers;
}

async function addViews(unitOfWork: UnitOfWork, project: Project, owner: Actor): Promise<void> {
  const views: ViewCreate[] = [
    { name: 'Mine', filters: { assignee: ['me'], status: ['new', 'open', 'pending'] }, is_favorited: true },
    { name: 'Unassigned', filters: { assignee: ['unassigned'], status: ['new', 'open'] }, is_default: true },
    {
      name: 'Urgent',
      filters: {
        priority: ['high', 'critical'],
        status: ['new', 'open'],
        sorting: { columnKey: 'sla_due_at', order: 1 },
      },
    },
    { name: 'SLA at risk', filters: { sla: 'at-risk' } },
    { name: 'Billing', filters: { tags: ['billing'], tagsMatch: 'any' } },
    { name: 'My private list', filters: { assignee: ['me'], snoozed: true }, visibility: 'private' },
  ];
  requireUser(owner);
  for (const view of views) await unitOfWork.run(owner, (uow) => createView(uow, project, view));
}
