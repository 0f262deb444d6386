import { sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { TicketRow } from './tickets.repo.ts';

export interface AssigneeColumns {
  assignee_user_id: number | null;
  assignee_role_id: string | null;
}

const NOBODY: AssigneeColumns = { assignee_user_id: null, assignee_role_id: null };
const INT4_MAX = 2_147_483_647;

/**
 * Checks who a ticket is to be assigned to, before anything is saved (tickets-api.md 2.5 rules 1 to 3). The membership
 * or the role is held until the transaction ends: whoever removes it first takes its tickets from it.
 */
export async function resolveAssignee(uow: Uow, project: Project, value: unknown): Promise<AssigneeColumns> {
  if (value === null) return NOBODY;
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid('assignee', 'The assignee must be an object or null.');
  if (!('type' in value) || !('id' in value))
    throw invalid('assignee', "The assignee must have 'type' and 'id'.");
  const { type, id } = value;
  if (type === 'user') return { ...NOBODY, assignee_user_id: await checkUser(uow, project, id) };
  if (type === 'role') return { ...NOBODY, assignee_role_id: await checkRole(uow, project, id) };
  throw invalid('assignee', "The assignee type must be 'user' or 'role'.");
}

async function checkUser(uow: Uow, project: Project, id: unknown): Promise<number> {
  const isId = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= INT4_MAX;
  if (!isId) throw invalid('assignee', 'The id of a user must be an integer.');
  const member = await uow.tx
    .selectFrom('memberships')
    .select('user_id')
    .where('organization_id', '=', project.organizationId)
    .where('user_id', '=', id)
    .forKeyShare()
    .executeTakeFirst();
  if (!member) throw invalid('assignee', 'The user is not a member of this organization.');
  return id;
}

async function checkRole(uow: Uow, project: Project, id: unknown): Promise<string> {
  if (typeof id !== 'string' || !isUuid(id)) throw invalid('assignee', 'The id of a role must be a UUID.');
  const role = await uow.tx
    .selectFrom('roles')
    .select('id')
    .where('organization_id', '=', project.organizationId)
    .where('id', '=', id)
    .forKeyShare()
    .executeTakeFirst();
  if (!role) throw invalid('assignee', 'The role does not belong to this organization.');
  return role.id;
}

/** The assignee as activities and events show it. */
export async function describeAssignee(uow: Uow, columns: AssigneeColumns): Promise<object | null> {
  if (columns.assignee_user_id === null && columns.assignee_role_id === null) return null;
  const { rows } = await sql<{ email: string | null; name: string | null }>`
    select (select email from users where id = ${columns.assignee_user_id}::integer) as email,
      (select name from roles where id = ${columns.assignee_role_id}::uuid) as name`.execute(uow.tx);
  const { email = null, name = null } = rows[0] ?? {};
  return columns.assignee_user_id === null
    ? { id: columns.assignee_role_id, type: 'role', user: null, role: { name } }
    : { id: columns.assignee_user_id, type: 'user', user: { email }, role: null };
}

export function isSameAssignee(ticket: TicketRow, columns: AssigneeColumns): boolean {
  return (
    ticket.assignee_user_id === columns.assignee_user_id &&
    ticket.assignee_role_id === columns.assignee_role_id
  );
}

/** The assignee as events name it (tickets-api.md 6.5). */
export function assigneeProperties({
  assignee_user_id: user,
  assignee_role_id: role,
}: AssigneeColumns): object {
  return {
    assignee_type: user !== null ? 'user' : role !== null ? 'role' : null,
    assignee_id: user === null ? role : String(user),
  };
}
