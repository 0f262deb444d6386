import { sql } from 'kysely';
import type { Uow } from '#platform/unit-of-work.ts';

/** Tags that somebody took off tickets are nobody's any more: put on again, they stay when a merge ends. */
export async function forgetBroughtTags(
  uow: Uow,
  projectId: number,
  removed: readonly { id: string; tags: readonly string[] }[],
): Promise<void> {
  if (removed.length === 0) return;
  await sql`
    update ticket_merges m set added_tags =
      array(select tag from unnest(m.added_tags) as tag where not removed.tags ? tag)
    from jsonb_to_recordset(${JSON.stringify(removed)}::jsonb) as removed(id uuid, tags jsonb)
    where m.project_id = ${projectId} and m.target_id = removed.id`.execute(uow.tx);
}

/**
 * Follows a change of tags on locked tickets before it is written: `from` become `into`, or nothing. The new name is
 * the ticket's own where one of those that become it is.
 */
export async function replaceBroughtTags(
  uow: Uow,
  projectId: number,
  ticketIds: readonly string[],
  from: readonly string[],
  into: string | null,
): Promise<void> {
  const [old, all] = [[...from], [...from, ...(into === null ? [] : [into])]];
  await sql`
    update ticket_merges m set added_tags = array(
      select distinct case when tag = any(${old}::text[]) then ${into}::text else tag end
      from unnest(m.added_tags) as tag
      where not (tag = any(${all}::text[]) and (own.has or ${into}::text is null)))
    from tickets t cross join lateral (select exists (
      select from unnest(t.tags) as tag where tag = any(${all}::text[]) and not exists (
        select from ticket_merges o
        where o.project_id = t.project_id and o.target_id = t.id and tag = any(o.added_tags))) as has) own
    where m.project_id = ${projectId} and m.added_tags && ${all}::text[]
      and m.target_id = any(${[...ticketIds]}::uuid[]) and t.project_id = m.project_id and t.id = m.target_id`.execute(
    uow.tx,
  );
}
