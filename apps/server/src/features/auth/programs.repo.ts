import type { SecretScope } from '@parley/contract/route';
import { SECRET_SCOPES } from '@parley/contract/route';
import { fixedStatement } from '@parley/db/fixed-statement';
import type { Schema } from '@parley/db/schema';
import { type Kysely, sql } from 'kysely';
import type { Project } from '#platform/actor.ts';

interface ProgramProject {
  id: number;
  organization_id: string;
  name: string;
  timezone: string;
  conversations_enabled: boolean;
  conversations_settings: Record<string, unknown>;
  is_ai_approved: boolean;
}

const PROJECT_COLUMNS = sql`
  p.id, p.organization_id, p.name, p.timezone, p.conversations_enabled, p.conversations_settings,
  o.is_ai_data_processing_approved as is_ai_approved`;

export interface FoundSecret {
  secretId: string;
  scopes: SecretScope[] | null;
  project: Project;
}

/** The project of a secret. Where Support is off its secrets are unknown (tickets-api.md 4.7). */
export async function findSecret(db: Kysely<Schema>, tokenHash: Buffer): Promise<FoundSecret | undefined> {
  const { rows } = await sql<ProgramProject & { secret_id: string; scopes: string[] | null }>`
    /* system: project_secrets.find */
    select s.id as secret_id, s.scopes, ${PROJECT_COLUMNS}
    from project_secrets s
    join projects p on p.id = s.project_id
    join organizations o on o.id = p.organization_id
    where s.token_hash = ${tokenHash} and p.conversations_enabled`.execute(db);
  const row = rows[0];
  if (!row) return undefined;
  const scopes = row.scopes && SECRET_SCOPES.filter((scope) => row.scopes?.includes(scope));
  return { secretId: row.secret_id, scopes, project: toProject(row) };
}

/** A project by its number, for a service that was let in by its signature. */
export async function findProjectOfService(db: Kysely<Schema>, id: number): Promise<Project | undefined> {
  const { rows } = await sql<ProgramProject>`
    select ${PROJECT_COLUMNS} from projects p join organizations o on o.id = p.organization_id
    where p.id = ${id}`.execute(db);
  return rows[0] && toProject(rows[0]);
}

export interface FoundPage {
  /** What may have signed the ids of its customers: the current secret and the one before it, sealed. */
  identitySecrets: string[];
  project: Project;
}

const selectByPublicToken = fixedStatement<ProgramProject & { identity_secrets: string[] }, [string]>(
  (token) => sql`
    select ${PROJECT_COLUMNS}, array(
      select s.secret from identity_secrets s where s.project_id = p.id) as identity_secrets
    from projects p join organizations o on o.id = p.organization_id
    where p.widget_token = ${token} and p.conversations_enabled`,
);

/** The project of a widget's public token. Where Support is off the token is unknown (widget.md 5.7). */
export async function findPublicToken(db: Kysely<Schema>, token: string): Promise<FoundPage | undefined> {
  const [row] = await selectByPublicToken(db, token);
  return row && { identitySecrets: row.identity_secrets, project: toProject(row) };
}

/** Programs and customers change tickets and nothing else: they are editors. */
function toProject(row: ProgramProject): Project {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    timezone: row.timezone,
    conversationsEnabled: row.conversations_enabled,
    settings: row.conversations_settings,
    isAiApproved: row.is_ai_approved,
    access: 'editor',
  };
}
