import type { AccessLevel } from '@parley/contract/route';
import { sql } from 'kysely';

/**
 * What a member may do in a project (decisions.md 19c): what was set for it, else by the level in the organization.
 * Expects the aliases m (memberships) and a (project_access of the same user, left joined).
 */
export const ACCESS = sql<AccessLevel>`
  coalesce(a.level, case when m.level in ('admin', 'owner') then 'manager' else 'editor' end)`;
