import type { ViewCreate } from '@parley/contract/views';
import { type Project, requireUser } from '#platform/actor.ts';
import type { RawJson } from '#platform/http/call.ts';
import { newId, newShortId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { viewEvent } from './views.events.ts';
import { checkViewFilters } from './views.filters.ts';
import { setMarks } from './views.marks.ts';
import { insert, type ViewRow } from './views.repo.ts';
import { showView } from './views.retrieve.ts';

/** One clash of short ids is unlikely (46 bits); three in a row mean that something else is wrong. */
const SHORT_ID_ATTEMPTS = 3;

/** Saves a view under a new short id, with its creator's own marks. */
export async function createView(uow: Uow, project: Project, body: ViewCreate): Promise<RawJson> {
  const user = requireUser(uow.actor);
  const filters = body.filters ?? {};
  await checkViewFilters(uow, project, filters);
  const view = await insertView(uow, {
    project_id: project.id,
    id: newId(),
    name: body.name.trim(),
    filters: JSON.stringify(filters),
    visibility: body.visibility ?? 'shared',
    created_by: user.id,
    created_at: uow.now,
    updated_at: uow.now,
  });
  await setMarks(uow, { projectId: project.id, userId: user.id }, view.id, body);
  uow.emit(viewEvent('views.create', view));
  return showView(uow, project, view.short_id);
}

async function insertView(uow: Uow, row: Omit<Parameters<typeof insert>[1], 'short_id'>): Promise<ViewRow> {
  for (let tries = 1; tries <= SHORT_ID_ATTEMPTS; tries += 1) {
    const view = await insert(uow.tx, { ...row, short_id: newShortId() });
    if (view) return view;
  }
  throw new Error('No free short id for a view.');
}
