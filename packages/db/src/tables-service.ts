import type { Generated, JSONColumnType } from 'kysely';
import type { Instant, Nullable } from './columns.ts';

interface WorkingWindowColumn {
  start: string;
  end: string;
}

interface HolidayColumn {
  name: string;
  date: string;
  yearly: boolean;
  start: string | null;
  end: string | null;
}

type WeekdayColumn = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

export interface WorkingHoursTable {
  project_id: number;
  /** WorkingHours.weekly of the contract. */
  weekly: JSONColumnType<Record<WeekdayColumn, WorkingWindowColumn[]>>;
  /** WorkingHours.holidays of the contract. */
  holidays: JSONColumnType<HolidayColumn[]>;
  version: Generated<number>;
  updated_at: Instant;
}

export interface ProjectSecretsTable {
  project_id: number;
  id: string;
  kind: 'primary' | 'backup' | 'key';
  label: string;
  scopes: Nullable<string[]>;
  mask: string;
  token_hash: Buffer;
  created_by: Nullable<number>;
  created_at: Instant;
}

export interface ServiceMessagesTable {
  project_id: number;
  ticket_id: string;
  idempotency_key: string;
  message_id: string;
  created_at: Instant;
}

export interface WorkflowEmailsTable {
  project_id: number;
  idempotency_key: string;
  message_id: string;
  created_at: Instant;
}

export interface AiFeedbackTable {
  project_id: number;
  id: string;
  ticket_id: string;
  message_id: string;
  user_id: Nullable<number>;
  rating: 'good' | 'bad';
  feedback_text: string;
  created_at: Instant;
}

export interface ServiceTables {
  working_hours: WorkingHoursTable;
  project_secrets: ProjectSecretsTable;
  service_messages: ServiceMessagesTable;
  workflow_emails: WorkflowEmailsTable;
  ai_feedback: AiFeedbackTable;
}

export const SERVICE_PROJECT_TABLES = [
  'working_hours',
  'project_secrets',
  'service_messages',
  'workflow_emails',
  'ai_feedback',
] as const satisfies readonly (keyof ServiceTables)[];
