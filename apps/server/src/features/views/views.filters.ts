import { VIEW_ASSIGNEES_MAX, VIEW_FILTERS_MAX, type ViewFilters } from '@parley/contract/views';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import { parseDateBound } from '#platform/relative-date.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const INT4_MAX = 2_147_483_647;
const BOUNDS = { dateFrom: 'from', dateTo: 'to', createdFrom: 'from', createdTo: 'to' } as const;

/** Somebody a filter names, and the field that names them. */
interface Named {
  type: 'user' | 'role';
  id: number | string;
  attr: string;
}

/**
 * What the schema of a view's filters can't say: their size, that dates are dates, and that assignees exist in the
 * organization. Strict on write only; what was stored and no longer holds is left out by the reader (decisions.md 17).
 */
export async function checkViewFilters(
  context: ReadContext,
  project: Project,
  filters: ViewFilters,
): Promise<void> {
  if (JSON.stringify(filters).length > VIEW_FILTERS_MAX) {
    throw invalid(
      'filters',
      `Ensure this field has no more than ${VIEW_FILTERS_MAX} characters.`,
      'max_length',
    );
  }
  checkDates(context, project, filters);
  await checkExistence(context, project, readAssignees(filters.assignee));
}

function checkDates({ now }: ReadContext, { timezone }: Project, filters: ViewFilters): void {
  for (const [key, bound] of Object.entries(BOUNDS)) {
    const text = filters[key as keyof typeof BOUNDS];
    if (text === undefined || text === null || text === '' || text === 'all') continue;
    if (parseDateBound(text, { now, timezone, bound })) continue;
    throw invalid(`filters__${key}`, 'Must be a date, a datetime, or relative such as -7d or -1mStart.');
  }
}

/** Those an assignee filter names. Older clients send one value instead of a list, or `all`. */
function readAssignees(value: unknown): Named[] {
  const attr = 'filters__assignee';
  if (value === undefined || value === 'all') return [];
  if (!Array.isArray(value)) return [readLegacy(value) ?? readEntry(value, attr)].flat();
  if (value.length > VIEW_ASSIGNEES_MAX) {
    throw invalid(attr, `Ensure this field has no more than ${VIEW_ASSIGNEES_MAX} elements.`, 'max_length');
  }
  return value.flatMap((entry: unknown, index) => readEntry(entry, `${attr}__${index}`));
}

function readLegacy(value: unknown): Named | undefined {
  const [, type, id = ''] = (typeof value === 'string' && /^(user|role):(.+)$/.exec(value)) || [];
  if (type === undefined) return undefined;
  const named = type === 'user' && /^\d{1,10}$/.test(id) ? { type, id: Number(id) } : { type, id };
  return readEntry(named, 'filters__assignee')[0];
}

function readEntry(entry: unknown, attr: string): Named[] {
  if (entry === 'me' || entry === 'unassigned') return [];
  if (
    typeof entry !== 'object' ||
    entry === null ||
    Array.isArray(entry) ||
    !('type' in entry) ||
    !('id' in entry)
  ) {
    throw invalid(attr, "Must be 'me', 'unassigned' or an object with 'type' and 'id'.");
  }
  const { type, id } = entry;
  if (type === 'user') {
    const isId = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= INT4_MAX;
    if (!isId) throw invalid(attr, 'The id of a user must be an integer.');
    return [{ type, id, attr }];
  }
  if (type !== 'role') throw invalid(attr, "The type must be 'user' or 'role'.");
  if (typeof id !== 'string' || !isUuid(id)) throw invalid(attr, 'The id of a role must be a UUID.');
  return [{ type, id: id.toLowerCase(), attr }];
}

async function checkExistence(
  { tx }: ReadContext,
  { organizationId }: Project,
  named: readonly Named[],
): Promise<void> {
  const userIds = named.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
  const roleIds = named.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  const found = new Set<number | string>();
  if (userIds.length > 0) {
    const members = tx
      .selectFrom('memberships')
      .select('user_id')
      .where('organization_id', '=', organizationId);
    for (const row of await members.where('user_id', 'in', userIds).execute()) found.add(row.user_id);
  }
  if (roleIds.length > 0) {
    const roles = tx.selectFrom('roles').select('id').where('organization_id', '=', organizationId);
    for (const row of await roles.where('id', 'in', roleIds).execute()) found.add(row.id);
  }
  for (const { id, type, attr } of named) {
    if (found.has(id)) continue;
    const detail =
      type === 'user'
        ? 'The user is not a member of this organization.'
        : 'The role does not belong to this organization.';
    throw invalid(attr, detail, 'does_not_exist');
  }
}
