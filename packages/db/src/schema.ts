import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Computed, Instant, InstantOrNull, Json, Nullable } from './columns.ts';
import { AGENT_WORK_PROJECT_TABLES, type AgentWorkTables } from './tables-agent-work.ts';
import { AUDIT_PROJECT_TABLES, type AuditTables } from './tables-audit.ts';
import { FILE_PROJECT_TABLES, type FileTables } from './tables-files.ts';
import { NOTIFICATIONS_PROJECT_TABLES, type NotificationsTables } from './tables-notifications.ts';
import { REPORTS_PROJECT_TABLES, type ReportsTables } from './tables-reports.ts';
import { SEARCH_PROJECT_TABLES, type SearchTables } from './tables-search.ts';
import { SERVICE_PROJECT_TABLES, type ServiceTables } from './tables-service.ts';
import { TICKET_LINKS_PROJECT_TABLES, type TicketLinksTables } from './tables-ticket-links.ts';
import type { ViewTables } from './tables-views.ts';
import { WEBHOOKS_PROJECT_TABLES, type WebhooksTables } from './tables-webhooks.ts';
import { WIDGET_PROJECT_TABLES, type WidgetTables } from './tables-widget.ts';

export interface EventsTable {
  project_id: number;
  id: Computed<number>;
  seq: Nullable<number>;
  name: string;
  resource_id: string;
  resource_version: number;
  ticket_id: Nullable<string>;
  actor: Json<object>;
  payload: Json<object>;
  chain: Generated<string[]>;
  created_at: Instant;
}

export interface EventCountersTable {
  project_id: number;
  last_seq: Generated<number>;
}

export interface IdempotencyKeysTable {
  project_id: number;
  actor: string;
  route: string;
  key: string;
  body_hash: Buffer;
  status: number;
  response: string;
  created_at: Instant;
}

export interface NodesTable {
  id: string;
  started_at: Instant;
  seen_at: Instant;
}

export interface OrganizationsTable {
  id: string;
  name: string;
  is_ai_data_processing_approved: Generated<boolean>;
  created_at: Instant;
}

export interface ProjectsTable {
  id: Generated<number>;
  organization_id: string;
  name: string;
  timezone: Generated<string>;
  token: string;
  widget_token: Nullable<string>;
  conversations_enabled: Generated<boolean>;
  conversations_settings: Json<Record<string, unknown>>;
  created_at: Instant;
}

export interface UsersTable {
  id: Generated<number>;
  uuid: Generated<string>;
  email: string;
  email_verified: Generated<boolean>;
  name: Generated<string>;
  image: Nullable<string>;
  first_name: Generated<string>;
  last_name: Generated<string>;
  current_project_id: Nullable<number>;
  created_at: ColumnType<Date, Date | undefined, Date>;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

export interface SessionsTable {
  id: Generated<number>;
  token: string;
  user_id: number;
  ip_address: Nullable<string>;
  user_agent: Nullable<string>;
  expires_at: Instant;
  created_at: Instant;
  updated_at: Instant;
}

export interface AccountsTable {
  id: Generated<number>;
  user_id: number;
  account_id: string;
  provider_id: string;
  password: Nullable<string>;
  created_at: Instant;
  updated_at: Instant;
}

export interface MembershipsTable {
  organization_id: string;
  user_id: number;
  level: 'member' | 'admin' | 'owner';
  created_at: Instant;
}

export interface ProjectAccessTable {
  project_id: number;
  user_id: number;
  level: 'none' | 'viewer' | 'editor' | 'manager';
}

export interface RolesTable {
  id: string;
  organization_id: string;
  name: string;
  created_at: Instant;
}

export interface RoleMembersTable {
  role_id: string;
  user_id: number;
}

export interface InvitationsTable {
  id: string;
  organization_id: string;
  email: string;
  level: 'member' | 'admin' | 'owner';
  token_hash: Buffer;
  created_by: Nullable<number>;
  created_at: Instant;
  expires_at: Instant;
}

export interface ApiKeysTable {
  id: string;
  user_id: number;
  label: string;
  mask: string;
  token_hash: Buffer;
  scopes: string[];
  project_ids: Nullable<number[]>;
  created_at: Instant;
  last_used_at: InstantOrNull;
}

export interface LoginAttemptsTable {
  key: string;
  attempts: number;
  window_started_at: Instant;
}

export interface PersonsTable {
  project_id: number;
  id: string;
  properties: Json<Record<string, unknown>>;
  is_identified: Generated<boolean>;
  /** Whether only a page has named the address. */
  is_email_said: Generated<boolean>;
  created_at: Instant;
  updated_at: Instant;
  search_text: Computed<string>;
}

export interface PersonDistinctIdsTable {
  project_id: number;
  distinct_id: string;
  person_id: string;
  created_at: Instant;
  /** Whether only a page has put it to this person. */
  is_said: Generated<boolean>;
}

export interface EmailConfigsTable {
  project_id: number;
  id: string;
  email: string;
  display_name: Generated<string>;
  is_verified: Generated<boolean>;
  created_at: Instant;
}

export interface TicketCountersTable {
  project_id: number;
  last_number: Generated<number>;
}

export type TicketStatus = 'new' | 'open' | 'pending' | 'on_hold' | 'resolved';
export type TicketPriority = 'low' | 'medium' | 'high' | 'critical';
export type ChannelSource = 'widget' | 'email' | 'slack' | 'teams' | 'github';

export interface TicketsTable {
  project_id: number;
  id: string;
  ticket_number: number;
  channel_source: ChannelSource;
  channel_detail: Nullable<string>;
  distinct_id: string;
  widget_session_hash: Nullable<Buffer>;
  status: TicketStatus;
  priority: Nullable<TicketPriority>;
  assignee_user_id: Nullable<number>;
  assignee_role_id: Nullable<string>;
  /** Any JSON: the API replaces it whole. */
  anonymous_traits: ColumnType<unknown, string | undefined, string>;
  identity_verified: Nullable<boolean>;
  ai_resolved: Generated<boolean>;
  escalation_reason: Nullable<string>;
  ai_triage: Json<Record<string, unknown>>;
  message_count: Generated<number>;
  last_message_at: InstantOrNull;
  last_message_text: Nullable<string>;
  last_customer_message_at: InstantOrNull;
  unread_team_count: Generated<number>;
  unread_customer_count: Generated<number>;
  session_id: Nullable<string>;
  session_context: Json<Record<string, unknown>>;
  sla_due_at: InstantOrNull;
  sla_at_risk_for: InstantOrNull;
  sla_breached_for: InstantOrNull;
  snoozed_until: InstantOrNull;
  resolved_at: InstantOrNull;
  slack_channel_id: Nullable<string>;
  slack_thread_ts: Nullable<string>;
  slack_team_id: Nullable<string>;
  email_subject: Nullable<string>;
  email_from: Nullable<string>;
  email_config_id: Nullable<string>;
  cc_participants: JSONColumnType<unknown[], string | undefined, string>;
  github_repo: Nullable<string>;
  github_issue_number: Nullable<number>;
  organization_id: Nullable<string>;
  organization_id_source: Nullable<'person' | 'slack_channel_account'>;
  tags: Generated<string[]>;
  merged_into_id: Nullable<string>;
  merged_ticket_ids: Generated<string[]>;
  version: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  deleted_at: InstantOrNull;
  deleted_by: Nullable<number>;
  search_text: Computed<string>;
}

export interface MessagesTable {
  project_id: number;
  id: string;
  ticket_id: string;
  via_ticket_id: Nullable<string>;
  content: string;
  rich_content: ColumnType<unknown, string | null | undefined, string | null>;
  item_context: Json<Record<string, unknown>>;
  author_user_id: Nullable<number>;
  is_private: Computed<boolean>;
  author_type: Computed<string>;
  full_email: Nullable<string>;
  version: Generated<number>;
  created_at: Instant;
  edited_at: InstantOrNull;
  deleted_at: InstantOrNull;
}

export interface TicketReadsTable {
  project_id: number;
  user_id: number;
  ticket_id: string;
  /** Null: marked as unread. */
  read_at: InstantOrNull;
}

export interface TagsTable {
  project_id: number;
  name: string;
  operation_id: Nullable<string>;
  created_at: Instant;
}

export interface ActivitiesTable {
  project_id: number;
  id: string;
  ticket_id: string;
  activity: string;
  detail: Json<object>;
  actor: Json<object>;
  created_at: Instant;
}

export interface OutboxTable {
  project_id: number;
  id: string;
  ticket_id: string;
  message_id: Nullable<string>;
  channel: string;
  destination: Json<object>;
  payload: Json<object>;
  external_id: string;
  state: 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain';
  attempts: Generated<number>;
  lease_token: Generated<number>;
  leased_until: InstantOrNull;
  next_attempt_at: Instant;
  last_error: Nullable<string>;
  created_at: Instant;
}

export interface Schema
  extends ViewTables,
    SearchTables,
    TicketLinksTables,
    WebhooksTables,
    ServiceTables,
    AgentWorkTables,
    NotificationsTables,
    ReportsTables,
    AuditTables,
    WidgetTables,
    FileTables {
  events: EventsTable;
  event_counters: EventCountersTable;
  idempotency_keys: IdempotencyKeysTable;
  nodes: NodesTable;
  organizations: OrganizationsTable;
  projects: ProjectsTable;
  users: UsersTable;
  sessions: SessionsTable;
  accounts: AccountsTable;
  memberships: MembershipsTable;
  project_access: ProjectAccessTable;
  roles: RolesTable;
  role_members: RoleMembersTable;
  invitations: InvitationsTable;
  api_keys: ApiKeysTable;
  login_attempts: LoginAttemptsTable;
  persons: PersonsTable;
  person_distinct_ids: PersonDistinctIdsTable;
  email_configs: EmailConfigsTable;
  ticket_counters: TicketCountersTable;
  tickets: TicketsTable;
  messages: MessagesTable;
  ticket_reads: TicketReadsTable;
  tags: TagsTable;
  activities: ActivitiesTable;
  outbox: OutboxTable;
}

/** Tables whose rows belong to one project: every statement on them must name project_id. */
export const PROJECT_TABLES = [
  'events',
  'event_counters',
  'persons',
  'person_distinct_ids',
  'email_configs',
  'ticket_counters',
  'tickets',
  'messages',
  'ticket_reads',
  'tags',
  'activities',
  'outbox',
  'ticket_count_cells',
  'ticket_count_sums',
  'ticket_count_deltas',
  'ticket_views',
  'ticket_view_favorites',
  'ticket_view_defaults',
  'project_access',
  'idempotency_keys',
  ...SEARCH_PROJECT_TABLES,
  ...TICKET_LINKS_PROJECT_TABLES,
  ...WEBHOOKS_PROJECT_TABLES,
  ...SERVICE_PROJECT_TABLES,
  ...AGENT_WORK_PROJECT_TABLES,
  ...NOTIFICATIONS_PROJECT_TABLES,
  ...REPORTS_PROJECT_TABLES,
  ...AUDIT_PROJECT_TABLES,
  ...WIDGET_PROJECT_TABLES,
  ...FILE_PROJECT_TABLES,
] as const satisfies readonly (keyof Schema)[];
