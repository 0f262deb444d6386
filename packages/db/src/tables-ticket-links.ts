import type { Generated, JSONColumnType } from 'kysely';
import type { Instant, InstantOrNull, Nullable } from './columns.ts';

export interface TicketMergesTable {
  project_id: number;
  source_id: string;
  target_id: string;
  merged_at: Instant;
  before: JSONColumnType<Record<string, unknown>>;
  after: JSONColumnType<Record<string, unknown>>;
  unread_team: number;
  unread_customer: number;
  added_tags: Generated<string[]>;
  added_cc: Generated<string[]>;
  source_message_id: Nullable<string>;
  target_message_id: Nullable<string>;
}

export type StoredLinkKind =
  | 'related'
  | 'duplicate'
  | 'parent'
  | 'merged'
  | 'split'
  | 'follow_up'
  | 'maybe_related';

export interface TicketLinksTable {
  project_id: number;
  id: string;
  ticket_id: string;
  linked_ticket_id: string;
  kind: StoredLinkKind;
  created_by: Nullable<number>;
  created_at: Instant;
}

export interface TicketFollowersTable {
  project_id: number;
  ticket_id: string;
  user_id: number;
  added_by: Nullable<number>;
  created_at: Instant;
}

export interface MessageMentionsTable {
  project_id: number;
  message_id: string;
  user_id: number;
}

export interface UndosTable {
  project_id: number;
  id: string;
  user_id: number;
  changes: JSONColumnType<unknown[]>;
  created_at: Instant;
  undone_at: InstantOrNull;
}

export interface TicketLinksTables {
  ticket_merges: TicketMergesTable;
  ticket_links: TicketLinksTable;
  ticket_followers: TicketFollowersTable;
  message_mentions: MessageMentionsTable;
  undos: UndosTable;
}

export const TICKET_LINKS_PROJECT_TABLES = [
  'ticket_merges',
  'ticket_links',
  'ticket_followers',
  'message_mentions',
  'undos',
] as const satisfies readonly (keyof TicketLinksTables)[];
