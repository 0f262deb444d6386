import type { Instant, InstantOrNull, Nullable } from './columns.ts';

export interface NotificationCursorsTable {
  project_id: number;
  cursor_seq: number;
}

export interface NotificationsTable {
  project_id: number;
  id: string;
  user_id: number;
  kind:
    | 'assigned'
    | 'mentioned'
    | 'customer_replied'
    | 'note_added'
    | 'sla_at_risk'
    | 'sla_breached'
    | 'new_ticket';
  ticket_id: string;
  message_id: Nullable<string>;
  count: number;
  actor_type: string;
  actor_user_id: Nullable<number>;
  seq: number;
  created_at: Instant;
  updated_at: Instant;
  read_at: InstantOrNull;
}

export interface NotificationsTables {
  notification_cursors: NotificationCursorsTable;
  notifications: NotificationsTable;
}

export const NOTIFICATIONS_PROJECT_TABLES = [
  'notification_cursors',
  'notifications',
] as const satisfies readonly (keyof NotificationsTables)[];
