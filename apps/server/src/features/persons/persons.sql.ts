import { type RawBuilder, sql } from 'kysely';

/** Distinct ids shown of one person: a merged one may have thousands. */
const DISTINCT_IDS_SHOWN = 100;

/** A person as JSON (tickets-api.md 2.1), or null. The alias has project_id, id, properties, created_at, is_identified. */
export function personJson(alias: string): RawBuilder<unknown> {
  const person = sql.ref(alias);
  return sql`case when ${person}.id is null then null else json_build_object(
    'id', ${person}.id,
    'name', coalesce(nullif(${person}.properties ->> 'name', ''), nullif(${person}.properties ->> 'email', ''),
      nullif(${person}.properties ->> 'username', ''),
      (select d.distinct_id from person_distinct_ids d where d.project_id = ${person}.project_id
        and d.person_id = ${person}.id order by d.created_at, d.distinct_id limit 1), ''),
    'distinct_ids', (select coalesce(json_agg(d.distinct_id), '[]') from (
      select d.distinct_id from person_distinct_ids d where d.project_id = ${person}.project_id
        and d.person_id = ${person}.id order by d.created_at, d.distinct_id
      limit ${sql.lit(DISTINCT_IDS_SHOWN)}) d),
    'properties', ${person}.properties,
    'created_at', iso_utc(${person}.created_at),
    'is_identified', ${person}.is_identified) end`;
}
