import type { ColumnType, Generated } from 'kysely';
import type { Instant, InstantOrNull, Nullable } from './columns.ts';

export interface WebhooksTable {
  project_id: number;
  id: string;
  name: Generated<string>;
  url: string;
  events: string[];
  secret: string;
  previous_secret: Nullable<string>;
  previous_secret_until: InstantOrNull;
  enabled: Generated<boolean>;
  disabled_at: InstantOrNull;
  disabled_reason: Nullable<'manual' | 'failing' | 'gone'>;
  cursor_seq: number;
  failures: Generated<number>;
  failing_since: InstantOrNull;
  held_until: InstantOrNull;
  next_due_at: InstantOrNull;
  prune_at: Instant;
  deleted_at: InstantOrNull;
  created_at: Instant;
  updated_at: Instant;
  version: Generated<number>;
}

export interface WebhookDeliveriesTable {
  project_id: number;
  id: string;
  webhook_id: string;
  seq: Nullable<number>;
  event: string;
  ticket_id: Nullable<string>;
  lane: string;
  payload: string;
  state: 'waiting' | 'pending' | 'sending' | 'delivered' | 'failed';
  attempts: Generated<number>;
  tries: Generated<number>;
  lease_token: Generated<number>;
  leased_until: InstantOrNull;
  next_attempt_at: InstantOrNull;
  finished_at: InstantOrNull;
  response_status: Nullable<number>;
  error: Nullable<string>;
  log: ColumnType<unknown, string | undefined, string>;
  created_at: Instant;
}

export interface WebhooksTables {
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
}

export const WEBHOOKS_PROJECT_TABLES = [
  'webhooks',
  'webhook_deliveries',
] as const satisfies readonly (keyof WebhooksTables)[];
