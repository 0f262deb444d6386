import type { Uow } from '#platform/unit-of-work.ts';
import { viewEvent } from './views.events.ts';
import { remove } from './views.repo.ts';
import type { ChangeableView } from './views.service.ts';

/** Deletes a view for everybody, with all marks on it. */
export async function deleteView(uow: Uow, view: ChangeableView): Promise<void> {
  await remove(uow.tx, view);
  uow.emit(viewEvent('views.delete', { ...view, version: view.version + 1 }));
}
