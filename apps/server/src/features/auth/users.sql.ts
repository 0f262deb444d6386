import type { BasicUser } from '@parley/contract/people';
import { type RawBuilder, sql } from 'kysely';

export interface UserColumns {
  id: number;
  uuid: string;
  first_name: string;
  last_name: string;
  email: string;
  email_verified: boolean;
}

/** How a user is shown beside something (tickets-api.md 4.1, created_by; decisions.md 17). */
export function presentUser(row: UserColumns): BasicUser {
  return {
    id: row.id,
    uuid: row.uuid,
    distinct_id: row.uuid,
    first_name: row.first_name,
    last_name: row.last_name,
    email: row.email,
    is_email_verified: row.email_verified,
    hedgehog_config: {},
    role_at_organization: null,
  };
}

/** The same as JSON, written by the database. Null when the alias of a left joined `users` found no row. */
export function userJson(alias: string): RawBuilder<BasicUser | null> {
  const user = sql.ref(alias);
  return sql<BasicUser | null>`case when ${user}.id is null then null else json_build_object(
    'id', ${user}.id, 'uuid', ${user}.uuid, 'distinct_id', ${user}.uuid,
    'first_name', ${user}.first_name, 'last_name', ${user}.last_name, 'email', ${user}.email,
    'is_email_verified', ${user}.email_verified, 'hedgehog_config', json_build_object(),
    'role_at_organization', null) end`;
}
