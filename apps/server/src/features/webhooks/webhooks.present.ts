import type { Webhook, WebhookDelivery } from '@parley/contract/webhooks';
import { formatInstant } from '#platform/instant.ts';
import type { DeliveryRow, WebhookRow } from './webhooks.repo.ts';
import { breakerOf, isHeld } from './webhooks.schedule.ts';

const instantOrNull = (at: Date | null): string | null => at && formatInstant(at);

export function presentWebhook(row: WebhookRow, now: Date): Webhook {
  const { id, name, url, events, enabled, disabled_reason, version, previous_secret_until: until } = row;
  return {
    id,
    name,
    url,
    events,
    enabled,
    disabled_at: instantOrNull(row.disabled_at),
    disabled_reason,
    breaker: breakerOf(row, now),
    paused_until: isHeld(row, now) ? instantOrNull(row.held_until) : null,
    consecutive_failures: row.failures,
    failing_since: instantOrNull(row.failing_since),
    previous_secret_expires_at: until !== null && until > now ? formatInstant(until) : null,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
    version,
  };
}

export type ShownDelivery = Omit<DeliveryRow, 'payload' | 'log' | 'lane'>;

export function presentDelivery(row: ShownDelivery): WebhookDelivery {
  const { id, webhook_id, event, seq, ticket_id, state, attempts, response_status, error } = row;
  return {
    id,
    webhook_id,
    event,
    seq,
    ticket_id,
    // That it waits for its turn is the queue's own business; it has no time yet.
    state: state === 'waiting' ? 'pending' : state,
    attempts,
    next_attempt_at: state === 'pending' ? instantOrNull(row.next_attempt_at) : null,
    finished_at: instantOrNull(row.finished_at),
    response_status,
    error,
    created_at: formatInstant(row.created_at),
  };
}
