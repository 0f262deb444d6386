import type { ColumnType, Generated } from 'kysely';
import type { Instant, InstantOrNull, Json, Nullable } from './columns.ts';

/** Any JSON, written as text. */
type JsonOrNull = ColumnType<unknown, string | null | undefined, string | null>;
type Channel = 'widget' | 'email' | 'slack' | 'teams' | 'github';
type Status = 'new' | 'open' | 'pending' | 'on_hold' | 'resolved';

export interface DraftsTable {
  project_id: number;
  id: string;
  user_id: number;
  ticket_id: Nullable<string>;
  message: string;
  rich_content: JsonOrNull;
  is_private: boolean;
  set_status: Nullable<Status>;
  cc: string[];
  bcc: string[];
  email_subject: Nullable<string>;
  recipient_email: Nullable<string>;
  recipient_distinct_id: Nullable<string>;
  email_config_id: Nullable<string>;
  tags: string[];
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
}

export interface ReplyDraftsTable {
  project_id: number;
  id: string;
  ticket_id: string;
  origin: 'agent' | 'mcp';
  message: string;
  rich_content: JsonOrNull;
  created_by: Nullable<number>;
  created_at: Instant;
}

export interface ScheduledRepliesTable {
  project_id: number;
  id: string;
  ticket_id: string;
  user_id: Nullable<number>;
  key_id: Nullable<string>;
  message: string;
  rich_content: JsonOrNull;
  is_private: boolean;
  set_status: Nullable<Status>;
  cancel_if_customer_replies: boolean;
  hold_from: Instant;
  send_at: Instant;
  due_at: Instant;
  attempts: Generated<number>;
  state: 'scheduled' | 'held' | 'failed';
  reason: Nullable<string>;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
}

export interface QuickActionsTable {
  project_id: number;
  id: string;
  short_id: string;
  name: string;
  description: string;
  content: string;
  rich_content: JsonOrNull;
  actions: Json<Record<string, unknown>>;
  visibility: 'team' | 'personal';
  shortcut: Nullable<string>;
  folder: Nullable<string>;
  use_count: Generated<number>;
  last_used_at: InstantOrNull;
  created_by: Nullable<number>;
  created_at: Instant;
  updated_at: Instant;
  version: Generated<number>;
}

export interface AgentAvailabilityTable {
  organization_id: string;
  user_id: number;
  is_available: boolean;
  changed_by: Nullable<number>;
  version: Generated<number>;
  updated_at: Instant;
}

interface PreferenceColumns {
  preferences: Json<Record<string, unknown>>;
  client_state: Json<Record<string, unknown>>;
  version: Generated<number>;
  updated_at: Instant;
}

export interface UserPreferencesTable extends PreferenceColumns {
  user_id: number;
}

export interface ProjectPreferencesTable extends PreferenceColumns {
  project_id: number;
  user_id: number;
}

export interface ContentArticlesTable {
  project_id: number;
  id: string;
  title: string;
  body: string;
  is_enabled: boolean;
  channels: Channel[];
  embeddings: JsonOrNull;
  created_by: Nullable<number>;
  created_at: Instant;
  updated_at: Instant;
  version: Generated<number>;
}

export interface GuidanceRulesTable {
  project_id: number;
  id: string;
  rule_type: 'tone' | 'escalation';
  name: string;
  content: string;
  is_active: boolean;
  channels: Channel[];
  created_by: Nullable<number>;
  created_at: Instant;
  updated_at: Instant;
  version: Generated<number>;
}

export interface AgentWorkTables {
  drafts: DraftsTable;
  reply_drafts: ReplyDraftsTable;
  scheduled_replies: ScheduledRepliesTable;
  quick_actions: QuickActionsTable;
  agent_availability: AgentAvailabilityTable;
  user_preferences: UserPreferencesTable;
  project_preferences: ProjectPreferencesTable;
  content_articles: ContentArticlesTable;
  guidance_rules: GuidanceRulesTable;
}

export const AGENT_WORK_PROJECT_TABLES = [
  'drafts',
  'reply_drafts',
  'scheduled_replies',
  'quick_actions',
  'project_preferences',
  'content_articles',
  'guidance_rules',
] as const satisfies readonly (keyof AgentWorkTables)[];
