import type { Undo } from '@parley/contract/tickets';
import { type FormerState, formerState } from '#features/tickets/tickets.former.service.ts';
import type { TicketTransition } from '#features/tickets/tickets.report.service.ts';
import { requireUser } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** How long a bulk action can be taken back; then the prune job takes the row. */
export const UNDO_MS = 24 * 3_600_000;

/** What a bulk action did to one ticket. */
export type UndoEntry = { id: string } & (
  | ({ kind: 'fields' } & FormerState)
  | { kind: 'delete'; deleted_at: string }
  | { kind: 'merge'; merged_at: string }
);

/** Keeps how to take a bulk action back. Null when it changed nothing. */
export async function keepUndo(
  uow: Uow,
  projectId: number,
  entries: readonly UndoEntry[],
): Promise<Undo | null> {
  if (entries.length === 0) return null;
  const id = newId();
  await uow.tx
    .insertInto('undos')
    .values({
      project_id: projectId,
      id,
      user_id: requireUser(uow.actor).id,
      changes: JSON.stringify(entries),
      created_at: uow.now,
    })
    .execute();
  return { id, expires_at: formatInstant(new Date(uow.now.getTime() + UNDO_MS)) };
}

/** The entries of tickets whose fields were changed. */
export function changedFields(transitions: readonly TicketTransition[]): UndoEntry[] {
  return transitions.flatMap(({ before, after }) => {
    const former = formerState(before, after);
    return former ? [{ id: after.id, kind: 'fields' as const, ...former }] : [];
  });
}
