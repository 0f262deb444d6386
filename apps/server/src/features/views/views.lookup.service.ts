import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';

/** The filters stored with a view that this user may see; undefined when there is none such. */
export async function findViewFilters(
  context: ReadContext,
  projectId: number,
  userId: number | undefined,
  shortId: string,
): Promise<{ filters: unknown } | undefined> {
  const { rows } = await sql<{ filters: unknown }>`
    select filters from ticket_views where project_id = ${projectId} and short_id = ${shortId}
      and (visibility = 'shared' or created_by is null or created_by = ${userId ?? null}::integer)`.execute(
    context.tx,
  );
  return rows[0];
}
