import type { Generated } from 'kysely';
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

export interface ReportsTables {
  tag_operations: TagOperationsTable;
}

export const REPORTS_PROJECT_TABLES = ['tag_operations'] as const satisfies readonly (keyof ReportsTables)[];
