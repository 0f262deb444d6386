import type { ColumnType, Generated } from 'kysely';
import type { Instant, InstantOrNull, Nullable } from './columns.ts';

export interface TagOperationsTable {
  project_id: number;
  id: string;
  kind: 'rename' | 'merge' | 'delete';
  from_tags: string[];
  into_tag: Nullable<string>;
  replacement: Nullable<string>;
  state: 'running' | 'done';
  tickets_total: number;
  tickets_changed: Generated<number>;
  after_number: Generated<number>;
  created_at: Instant;
  finished_at: InstantOrNull;
}

export interface ReportTicketsTable {
  project_id: number;
  ticket_id: string;
  channel_source: string;
  assignee: string;
  tags: string[];
  figures: ColumnType<unknown, string, string>;
}

export interface ReportBucketsTable {
  project_id: number;
  figure: string;
  tag: string;
  channel_source: string;
  assignee: string;
  day: ColumnType<unknown, string, string>;
  n: number;
  total: number;
  histogram: Nullable<number[]>;
}

export interface ReportProgressTable {
  project_id: number;
  seq: number;
  timezone: string;
  pass_after: Nullable<number>;
  projected_at: Instant;
}

export interface SatisfactionRatingsTable {
  project_id: number;
  ticket_id: string;
  rating: 'good' | 'bad';
  score: Nullable<number>;
  comment: Nullable<string>;
  created_at: Instant;
}

export interface ReportsTables {
  tag_operations: TagOperationsTable;
  report_tickets: ReportTicketsTable;
  report_buckets: ReportBucketsTable;
  report_progress: ReportProgressTable;
  satisfaction_ratings: SatisfactionRatingsTable;
}

export const REPORTS_PROJECT_TABLES = [
  'tag_operations',
  'report_tickets',
  'report_buckets',
  'report_progress',
  'satisfaction_ratings',
] as const satisfies readonly (keyof ReportsTables)[];
