import { type RawBuilder, sql } from 'kysely';
import { userJson } from '#features/auth/users.sql.ts';

/** Whose eyes a view is shown to. */
export interface ViewReader {
  projectId: number;
  userId: number;
}

/**
 * Views `v` a reader may see: shared ones, their own, and those whose creator's account is gone, which read as shared
 * (tickets-api.md 4.1).
 */
export function visibleTo({ projectId, userId }: ViewReader): RawBuilder<boolean> {
  return sql<boolean>`(v.project_id = ${projectId}
    and (v.visibility = 'shared' or v.created_by is null or v.created_by = ${userId}))`;
}

/** Visible views as JSON, with the reader's marks `f` (favourite) and `d` (default). Filters pass through as text. */
export function selectViewJson(reader: ViewReader, rest: RawBuilder<unknown>): RawBuilder<{ json: string }> {
  const { userId } = reader;
  return sql<{ json: string }>`
    select json_build_object(
      'id', v.id,
      'short_id', v.short_id,
      'name', v.name,
      'filters', v.filters,
      'created_at', iso_utc(v.created_at),
      'created_by', ${userJson('u')},
      'is_favorited', f.view_id is not null,
      'is_default', d.view_id is not null,
      'visibility', case when v.created_by is null then 'shared' else v.visibility end,
      'version', v.version)::text as json
    from ticket_views v
    left join users u on u.id = v.created_by
    left join ticket_view_favorites f
      on f.project_id = v.project_id and f.user_id = ${userId} and f.view_id = v.id
    left join ticket_view_defaults d
      on d.project_id = v.project_id and d.user_id = ${userId} and d.view_id = v.id
    where ${visibleTo(reader)} ${rest}`;
}
