import { sql } from 'kysely';
import { upsertPerson } from '#features/persons/persons.service.ts';
import type { Project } from '#platform/actor.ts';
import { isUuid, newId } from '#platform/ids.ts';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { ImportRow } from './ticket-imports.row.ts';

type Person = NonNullable<ImportRow['ticket']['person']>;

/** Team members and roles of the organization that a batch names, by address and by name in lower case. */
export interface Team {
  users: ReadonlyMap<string, number>;
  roles: ReadonlyMap<string, string>;
}

/**
 * Members and roles are held until the transaction ends: whoever removes one first takes their tickets from them.
 */
export async function findTeam(uow: Uow, project: Project, rows: readonly ImportRow[]): Promise<Team> {
  const emails = new Set<string>();
  const names = new Set<string>();
  for (const { ticket } of rows) {
    if (ticket.assignee?.email) emails.add(ticket.assignee.email.toLowerCase());
    if (ticket.assignee?.name) names.add(ticket.assignee.name.toLowerCase());
    for (const { author } of ticket.messages ?? []) if (author) emails.add(author.toLowerCase());
  }
  const users = await sql<{ id: number; email: string }>`
    select u.id, u.email from memberships m join users u on u.id = m.user_id
    where m.organization_id = ${project.organizationId} and u.email = any(${[...emails]}::text[])
    order by u.id for key share of m`.execute(uow.tx);
  const roles = await sql<{ id: string; name: string }>`
    select r.id, lower(r.name) as name from roles r
    where r.organization_id = ${project.organizationId} and lower(r.name) = any(${[...names]}::text[])
    order by r.id for key share`.execute(uow.tx);
  return {
    users: new Map(users.rows.map(({ id, email }) => [email, id])),
    roles: new Map(roles.rows.map(({ id, name }) => [name, id])),
  };
}

/**
 * Makes the customers known who are not. Those who are stay as they are, unless what is there is to be brought up to
 * date: an old file must not undo what is known since.
 */
export async function importPersons(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
  mode: 'skip' | 'update',
): Promise<void> {
  const persons = distinctPersons(rows);
  if (persons.length === 0) return;
  const ids = persons.flatMap((person) => person.distinct_ids);
  const owned = await findOwned(uow, projectId, ids);
  const fresh = persons.filter((person) => !person.distinct_ids.some((id) => owned.has(id)));
  await insertPersons(uow, projectId, fresh);
  if (mode === 'skip') return;
  for (const { distinct_ids, properties, is_identified } of persons) {
    const known = distinct_ids.find((id) => owned.has(id));
    if (known === undefined) continue;
    // By one id alone: several could make one of people whom somebody keeps apart here.
    await upsertPerson(uow, projectId, {
      distinct_id: known,
      ...(properties ? { properties } : {}),
      ...(is_identified === undefined ? {} : { is_identified }),
    });
  }
}

/** The last line that speaks of a person counts. */
function distinctPersons(rows: readonly ImportRow[]): Person[] {
  const byId = new Map<string, Person>();
  for (const { ticket } of rows.toReversed()) {
    const { person } = ticket;
    if (!person || person.distinct_ids.length === 0) continue;
    if (person.distinct_ids.some((id) => byId.has(id))) continue;
    for (const id of person.distinct_ids) byId.set(id, person);
  }
  return [...new Set(byId.values())].reverse();
}

async function findOwned(uow: Uow, projectId: number, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ distinct_id: string }>`
    select distinct_id from person_distinct_ids
    where project_id = ${projectId} and distinct_id = any(${[...ids]}::text[])`.execute(uow.tx);
  return new Set(rows.map((row) => row.distinct_id));
}

async function insertPersons(uow: Uow, projectId: number, persons: readonly Person[]): Promise<void> {
  if (persons.length === 0) return;
  const wanted = persons.flatMap(({ id }) => (id !== undefined && isUuid(id) ? [id.toLowerCase()] : []));
  const { rows: taken } = await sql<{ id: string }>`
    select id from persons where project_id = ${projectId} and id = any(${wanted}::uuid[])`.execute(uow.tx);
  const used = new Set(taken.map(({ id }) => id));
  const made = persons.map((person) => {
    const own = person.id?.toLowerCase();
    const id = own === undefined || used.has(own) ? newId() : own;
    used.add(id);
    return { ...person, id };
  });
  await uow.tx
    .insertInto('persons')
    .values(
      made.map(({ id, properties = {}, is_identified = false, created_at }) => ({
        project_id: projectId,
        id,
        properties: JSON.stringify(properties),
        is_identified,
        created_at: created_at === undefined ? uow.now : toInstant(created_at),
        updated_at: uow.now,
      })),
    )
    .execute();
  const pairs = made.flatMap(({ id, distinct_ids, created_at }) =>
    [...new Set(distinct_ids)].map((distinctId, index) => ({
      distinct_id: distinctId,
      person_id: id,
      // In their order, which is that of their dates.
      at: new Date(
        (created_at === undefined ? uow.now : toInstant(created_at)).getTime() + index,
      ).toISOString(),
    })),
  );
  // Sorted, so that two who want the same new ids wait in one order. What somebody else just took is theirs.
  pairs.sort((a, b) => (a.distinct_id < b.distinct_id ? -1 : 1));
  await sql`
    insert into person_distinct_ids (project_id, distinct_id, person_id, created_at)
    select ${projectId}, p.distinct_id, p.person_id, p.at
    from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) as p(distinct_id text, person_id uuid, at timestamptz)
    on conflict (project_id, distinct_id) do nothing`.execute(uow.tx);
  await sql`
    delete from persons p where p.project_id = ${projectId} and p.id = any(${made.map(({ id }) => id)}::uuid[])
      and not exists (select from person_distinct_ids d where d.project_id = ${projectId} and d.person_id = p.id)`.execute(
    uow.tx,
  );
}
