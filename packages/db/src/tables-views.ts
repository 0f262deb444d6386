import type { ColumnType, Generated } from 'kysely';
import type { Computed, Instant, Nullable } from './columns.ts';

interface CountDimensions {
  project_id: number;
  tag: string;
  deleted: boolean;
  status: string;
  priority: string;
  channel_source: string;
  assignee: string;
  snoozed: boolean;
  tickets: number;
  /** Unread messages of the team in them, and how many of them hold one. */
  unread: number;
  unread_tickets: Generated<number>;
}

export interface TicketCountCellsTable extends CountDimensions {}

export interface TicketCountSumsTable extends CountDimensions {
  level: number;
}

export interface TicketCountDeltasTable extends CountDimensions {
  id: Computed<number>;
}

export interface TicketViewsTable {
  project_id: number;
  id: string;
  short_id: string;
  name: string;
  filters: ColumnType<unknown, string, string>;
  visibility: 'shared' | 'private';
  created_by: Nullable<number>;
  created_at: Instant;
  updated_at: Instant;
  version: Generated<number>;
}

export interface TicketViewFavoritesTable {
  project_id: number;
  user_id: number;
  view_id: string;
}

export interface TicketViewDefaultsTable {
  project_id: number;
  user_id: number;
  view_id: string;
}

export interface ViewTables {
  ticket_count_cells: TicketCountCellsTable;
  ticket_count_sums: TicketCountSumsTable;
  ticket_count_deltas: TicketCountDeltasTable;
  ticket_views: TicketViewsTable;
  ticket_view_favorites: TicketViewFavoritesTable;
  ticket_view_defaults: TicketViewDefaultsTable;
}
