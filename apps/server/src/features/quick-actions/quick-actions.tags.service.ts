import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';
import { quickActionEvent } from './quick-actions.events.ts';
import { type QuickActionRow, update } from './quick-actions.repo.ts';

/** Quick actions set the new name of tags that are renamed or merged, and none in the place of deleted ones (null). */
export async function replaceTagsInQuickActions(
  uow: Uow,
  projectId: number,
  from: readonly string[],
  into: string | null,
): Promise<void> {
  const { rows } = await sql<QuickActionRow>`
    select q.* from quick_actions q where q.project_id = ${projectId} and q.actions ? 'tags'
    order by q.id for update`.execute(uow.tx);
  for (const row of rows) {
    const { tags, ...others } = row.actions;
    // Stored as it was written: 'Billing' sets the tag 'billing'.
    const isMeant = (tag: unknown) => typeof tag === 'string' && from.includes(tag.trim().toLowerCase());
    if (!Array.isArray(tags) || !tags.some(isMeant)) continue;
    const kept: unknown[] = tags.flatMap((tag) => (isMeant(tag) ? (into === null ? [] : [into]) : [tag]));
    const actions = kept.length > 0 ? { ...others, tags: [...new Set(kept)] } : others;
    const changes = { actions: JSON.stringify(actions), updated_at: uow.now };
    uow.emit(quickActionEvent('quick_actions.update', await update(uow.tx, row, changes)));
  }
}
