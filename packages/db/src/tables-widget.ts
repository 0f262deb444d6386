import type { Computed, Instant, InstantOrNull, Nullable } from './columns.ts';

export interface WidgetRestoreTokensTable {
  project_id: number;
  id: string;
  token_hash: Buffer;
  email: string;
  created_at: Instant;
  expires_at: Instant;
  used_at: InstantOrNull;
}

export interface IdentitySecretsTable {
  project_id: number;
  id: string;
  kind: 'current' | 'previous';
  secret: string;
  mask: string;
  created_at: Instant;
}

export interface PageEventsTable {
  project_id: number;
  id: Computed<number>;
  session_id: string;
  kind: 'page_view' | 'exception';
  url: Nullable<string>;
  title: string;
  distinct_id: string;
  created_at: Instant;
}

export interface WidgetTables {
  page_events: PageEventsTable;
  identity_secrets: IdentitySecretsTable;
  widget_restore_tokens: WidgetRestoreTokensTable;
}

export const WIDGET_PROJECT_TABLES = [
  'page_events',
  'identity_secrets',
  'widget_restore_tokens',
] as const satisfies readonly (keyof WidgetTables)[];
