import { VIEW_COUNTS_MAX, type ViewCount } from '@parley/contract/view-counts';
import { sql } from 'kysely';
import {
  type CountedList,
  countFacetLists,
  countStoredList,
} from '#features/tickets/tickets.count.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { visibleTo } from './views.sql.ts';

interface CountableView {
  id: string;
  short_id: string;
  version: number;
  filters: unknown;
}

/** How old a count that rows were looked at for may be. Nothing drops it before. */
const KEPT_MS = 5000;
/** Counts made at the same time: as many connections are taken from everybody else. */
const AT_ONCE = 4;

/** Counts of the views that a reader may see, in the order in which they are named (decisions.md 17b). */
export async function countViews(
  context: ReadContext,
  { cache }: Pick<SharedState, 'cache'>,
  project: Project,
  ids: string | undefined,
): Promise<{ results: ViewCount[] }> {
  const userId = requireUser(context.actor).id;
  const views = await findViews(context, project.id, userId, readIds(ids));
  const counts = await countFacetLists(
    context,
    project,
    views.map(({ filters }) => ({ filters, userId })),
  );
  const countOther = async (view: CountableView): Promise<CountedList> => {
    const key = cacheKey(project.id, userId, view);
    const cached = await cache.get(key);
    if (cached !== undefined) return JSON.parse(cached) as CountedList;
    const counted = await countStoredList(context, project, { filters: view.filters, userId });
    await cache.set(key, JSON.stringify(counted), KEPT_MS);
    return counted;
  };
  const others = views.flatMap((view, index) => (counts[index] ? [] : [{ view, index }]));
  for (let start = 0; start < others.length; start += AT_ONCE) {
    const some = others.slice(start, start + AT_ONCE);
    await Promise.all(
      some.map(async ({ view, index }) => {
        counts[index] = await countOther(view);
      }),
    );
  }
  return { results: views.flatMap((view, index) => present(view, counts[index])) };
}

function readIds(text: string | undefined): string[] {
  const ids = (text ?? '').split(',').map((id) => id.trim());
  return [...new Set(ids.filter(Boolean))].slice(0, VIEW_COUNTS_MAX);
}

async function findViews(
  context: ReadContext,
  projectId: number,
  userId: number,
  ids: readonly string[],
): Promise<CountableView[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<CountableView>`
    select v.id, v.short_id, v.version, v.filters from ticket_views v
    where ${visibleTo({ projectId, userId })} and v.short_id = any(${[...ids]}::text[])
    order by array_position(${[...ids]}::text[], v.short_id)`.execute(context.tx);
  return rows;
}

/** Shared by everybody, unless the filters speak of whoever looks. A change of the view makes another key. */
function cacheKey(projectId: number, userId: number, { id, version, filters }: CountableView): string {
  const text = JSON.stringify(filters);
  const isPersonal = /"me"|"mine"/i.test(text);
  return `conversations:view_count:${projectId}:${id}:${version}:${isPersonal ? userId : ''}`;
}

function present({ short_id }: CountableView, counted: CountedList | undefined): ViewCount[] {
  if (!counted) return [];
  const { count, capped, unread } = counted;
  return [{ short_id, count, count_capped: capped, ...(unread === undefined ? {} : { unread }) }];
}
