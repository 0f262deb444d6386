import { QUICK_ACTIONS_MAX, type QuickActionActions } from '@parley/contract/quick-actions';
import { ApiError, invalid } from '#platform/api-error.ts';

/** What of the actions is kept: the parts that are set, in one order. Unknown keys and nulls are dropped. */
export function readActions(sent: QuickActionActions): QuickActionActions {
  const { status, priority, tags, assignee } = sent;
  const actions = {
    ...(status ? { status } : {}),
    ...(priority ? { priority } : {}),
    ...(tags && tags.length > 0 ? { tags } : {}),
    ...(assignee ? { assignee: { type: assignee.type, id: assignee.id } } : {}),
  };
  if (JSON.stringify(actions).length > QUICK_ACTIONS_MAX)
    throw invalid(
      'actions',
      `Ensure this field has no more than ${QUICK_ACTIONS_MAX} characters.`,
      'max_length',
    );
  return actions;
}

/** New actions over stored ones: all is replaced, but an assignee that is not mentioned stays (case 150). */
export function mergeActions(
  stored: Record<string, unknown>,
  sent: QuickActionActions,
): Record<string, unknown> {
  const actions = readActions(sent);
  const carried = sent.assignee === undefined && stored.assignee !== undefined;
  return carried ? { ...actions, assignee: stored.assignee } : actions;
}

/** A quick action that does nothing is none (case 148). */
export function requireEffect(row: { content: string; rich_content: unknown; actions: object }): void {
  if (row.content.trim() !== '' || row.rich_content !== null || Object.keys(row.actions).length > 0) return;
  throw new ApiError('invalid_input', 'A quick action needs a reply or an action.');
}
