import type { Generated } from 'kysely';
import type { Instant, Json, Nullable } from './columns.ts';

export interface AuditLogTable {
  organization_id: string;
  id: string;
  project_id: Nullable<number>;
  act: string;
  actor: Json<object>;
  target: Json<object> | null;
  detail: Json<object>;
  ip: Nullable<string>;
  user_agent: Nullable<string>;
  created_at: Instant;
}

export interface TicketImportsTable {
  project_id: number;
  id: string;
  mode: 'skip' | 'update';
  state: 'running' | 'interrupted' | 'finished';
  last_line: Generated<number>;
  created: Generated<number>;
  updated: Generated<number>;
  skipped: Generated<number>;
  failed: Generated<number>;
  created_by: Nullable<number>;
  created_at: Instant;
  updated_at: Instant;
}

export interface TicketImportProblemsTable {
  project_id: number;
  import_id: string;
  id: number;
  line: number;
  field: Nullable<string>;
  code: string;
  detail: string;
  loaded: boolean;
}

export interface AuditTables {
  audit_log: AuditLogTable;
  ticket_imports: TicketImportsTable;
  ticket_import_problems: TicketImportProblemsTable;
}

export const AUDIT_PROJECT_TABLES = [
  'ticket_imports',
  'ticket_import_problems',
] as const satisfies readonly (keyof AuditTables)[];
