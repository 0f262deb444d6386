import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { viewEvent } from './views.events.ts';
import { update, type ViewRow } from './views.repo.ts';

type Stored = Record<string, unknown>;

/**
 * Views go on showing the tickets they showed when tags are renamed, merged (`into`) or deleted (null). A tag that is
 * deleted leaves a filter only where that does not make it show more: from a choice of several, and from the excluded.
 */
export async function replaceTagsInViews(
  uow: Uow,
  projectId: number,
  from: readonly string[],
  into: string | null,
): Promise<void> {
  const { rows } = await sql<ViewRow>`
    select v.* from ticket_views v
    where v.project_id = ${projectId} and position('"tags' in v.filters::text) > 0
    order by v.id for update`.execute(uow.tx);
  for (const view of rows) {
    const filters = replaceInFilters(view.filters, from, into);
    if (filters === undefined) continue;
    const after = await update(uow.tx, view, { filters: JSON.stringify(filters) }, uow.now);
    uow.emit(viewEvent('views.update', after));
  }
}

/** The filters with other tags, all else as it was; undefined when they name none of them. */
function replaceInFilters(
  filters: unknown,
  from: readonly string[],
  into: string | null,
): Stored | undefined {
  if (typeof filters !== 'object' || filters === null || Array.isArray(filters)) return undefined;
  const stored = { ...filters } as Stored;
  const replaced = { ...stored };
  for (const name of ['tags', 'tagsExclude'] as const) {
    const list = stored[name];
    if (!Array.isArray(list) || !list.some((tag) => from.includes(tag))) continue;
    const tags = replaceInList(list, from, into);
    const isChoice = name === 'tagsExclude' || (stored.tagsMatch !== 'all' && tags.length > 0);
    if (into !== null || isChoice) replaced[name] = tags;
  }
  return JSON.stringify(replaced) === JSON.stringify(stored) ? undefined : replaced;
}

function replaceInList(list: readonly unknown[], from: readonly string[], into: string | null): unknown[] {
  const tags = list.flatMap((tag) => {
    if (typeof tag !== 'string' || !from.includes(tag)) return [tag];
    return into === null ? [] : [into];
  });
  return [...new Set(tags)];
}
