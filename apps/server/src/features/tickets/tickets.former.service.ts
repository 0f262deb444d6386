import type { Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import { formatInstant, toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { resolveAssignee } from './tickets.assignee.service.ts';
import { statusAfterWaking } from './tickets.changes.ts';
import type { TicketChanges, TicketRow } from './tickets.repo.ts';

/** Columns that belong together: a field is as it was only when all of them are. */
const FIELDS = {
  status: ['status', 'resolved_at'],
  priority: ['priority'],
  assignee: ['assignee_user_id', 'assignee_role_id'],
  snoozed_until: ['snoozed_until'],
  tags: ['tags'],
} as const;

type Field = keyof typeof FIELDS;
type Column = (typeof FIELDS)[Field][number];
/** Columns of a ticket as they are kept in JSON. */
export type FormerFields = Partial<Record<Column, unknown>>;

/** What an operation changed on a ticket: enough to take it back. */
export interface FormerState {
  before: FormerFields;
  after: FormerFields;
}

const NAMES = Object.keys(FIELDS) as Field[];

function toJson(value: unknown): unknown {
  return value instanceof Date ? formatInstant(value) : (value ?? null);
}

function isSame(field: Field, one: FormerFields, other: FormerFields): boolean {
  return FIELDS[field].every((column) => JSON.stringify(one[column]) === JSON.stringify(other[column]));
}

function columnsOf(ticket: TicketRow, fields: readonly Field[]): FormerFields {
  const columns: readonly Column[] = fields.flatMap((field) => [...FIELDS[field]]);
  return Object.fromEntries(columns.map((column) => [column, toJson(ticket[column])]));
}

/** What differs between two states of a ticket, to be kept. Undefined when nothing does that could be taken back. */
export function formerState(before: TicketRow, after: TicketRow): FormerState | undefined {
  const [one, other] = [columnsOf(before, NAMES), columnsOf(after, NAMES)];
  const changed = NAMES.filter((field) => !isSame(field, one, other));
  if (changed.length === 0) return undefined;
  return { before: columnsOf(before, changed), after: columnsOf(after, changed) };
}

/**
 * What takes a ticket back to its former fields. Only those that still are as the operation left them: what somebody
 * changed since wins, and is named in `kept`; so does what a merged ticket may not have changed. A snooze whose time
 * has come since does not begin again: the ticket is as if it had ended by itself.
 */
export function returnToFormer(ticket: TicketRow, { before, after }: FormerState, now: Date) {
  const changes: TicketChanges = {};
  const kept: Field[] = [];
  for (const field of NAMES.filter((name) => FIELDS[name].some((column) => column in before))) {
    const isHeld = ticket.merged_into_id !== null && (field === 'status' || field === 'snoozed_until');
    if (isHeld || !isSame(field, columnsOf(ticket, [field]), after)) kept.push(field);
    else
      for (const column of FIELDS[field])
        Object.assign(changes, { [column]: fromJson(column, before[column]) });
  }
  if (changes.snoozed_until instanceof Date && changes.snoozed_until <= now) {
    changes.snoozed_until = null;
    const { status = ticket.status } = changes;
    changes.status = statusAfterWaking(status);
  }
  return { changes, kept };
}

function fromJson(column: Column, value: unknown): unknown {
  const isInstant = column === 'resolved_at' || column === 'snoozed_until';
  return isInstant && typeof value === 'string' ? toInstant(value) : value;
}

/** Whether a former assignee still can be one. They are held until the transaction ends, as for any assignment. */
export async function canStillHave(
  uow: Uow,
  project: Project,
  {
    assignee_user_id: user,
    assignee_role_id: role,
  }: Pick<TicketChanges, 'assignee_user_id' | 'assignee_role_id'>,
): Promise<boolean> {
  const assignee = user ? { type: 'user', id: user } : role ? { type: 'role', id: role } : null;
  try {
    await resolveAssignee(uow, project, assignee);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}
