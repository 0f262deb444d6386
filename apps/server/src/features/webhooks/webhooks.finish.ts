import { TEST_EVENT, type WebhookAttempt } from '@parley/contract/webhooks';
import { sql } from 'kysely';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { type Claimed, reschedule } from './webhooks.claim.ts';
import { webhookEvent } from './webhooks.events.ts';
import type { Posted } from './webhooks.post.ts';
import { lock, promote, update, type WebhookRow } from './webhooks.repo.ts';
import { judge, nextAttempt } from './webhooks.schedule.ts';

/** What became of an attempt: `given_up` was the last one, `superseded` came after its lease had lapsed. */
export type Outcome = 'delivered' | 'retried' | 'given_up' | 'interrupted' | 'superseded';

/** Attempts that the log keeps. */
const LOGGED = 20;

/**
 * Records how an attempt went, and what follows: the next attempt, the next of the lane, the health of the endpoint.
 * The fence is the lease token: a process that came too late changes nothing.
 */
export async function finish(
  uow: Uow,
  { webhook: { project_id, id }, delivery }: Claimed,
  posted: Posted,
): Promise<Outcome> {
  const webhook = await lock(uow.tx, { project_id, id });
  if (!webhook) return 'superseded';
  const next = nextOf(uow, delivery, posted);
  const isDone = posted.isDelivered || next === undefined;
  const state = posted.isDelivered ? 'delivered' : next === undefined ? 'failed' : 'pending';
  const { numAffectedRows } = await sql`
    update webhook_deliveries set state = ${state}, leased_until = null, next_attempt_at = ${next ?? null},
      finished_at = ${isDone ? uow.now : null}::timestamptz, response_status = ${posted.status ?? null},
      error = ${posted.error}, tries = tries - ${posted.isInterrupted ? 1 : 0}::integer,
      log = (case when jsonb_array_length(log) >= ${LOGGED} then log - 0 else log end) || ${JSON.stringify([entryOf(posted)])}::jsonb
    where project_id = ${project_id} and id = ${delivery.id} and state = 'sending'
      and lease_token = ${delivery.lease_token}`.execute(uow.tx);
  if (numAffectedRows !== 1n) return 'superseded';
  if (isDone) await promote(uow.tx, webhook, delivery.lane, uow.now);
  await reschedule(uow, await judgeWebhook(uow, webhook, delivery.event, posted));
  if (posted.isInterrupted) return 'interrupted';
  return posted.isDelivered ? 'delivered' : isDone ? 'given_up' : 'retried';
}

/** When it is tried again; undefined when it is not. A test is tried once: somebody is looking at it. */
function nextOf(uow: Uow, delivery: Claimed['delivery'], posted: Posted): Date | undefined {
  if (posted.isDelivered) return undefined;
  if (posted.isInterrupted) return uow.now;
  if (delivery.event === TEST_EVENT) return undefined;
  return nextAttempt(delivery.tries, uow.now, posted);
}

function entryOf(posted: Posted): WebhookAttempt {
  return {
    at: formatInstant(posted.at),
    duration_ms: posted.durationMs,
    url: posted.url,
    response_status: posted.status ?? null,
    response_body: posted.body,
    error: posted.error,
  };
}

/** A test that fails says nothing that its sender does not see; one that arrives closes the breaker. */
async function judgeWebhook(
  uow: Uow,
  webhook: WebhookRow,
  event: string,
  posted: Posted,
): Promise<WebhookRow> {
  if (posted.isInterrupted || (event === TEST_EVENT && !posted.isDelivered)) return webhook;
  const { disable, ...health } = judge(webhook, posted, uow.now);
  const isOff = disable !== undefined && webhook.enabled;
  if (posted.isDelivered && webhook.failures === 0) return webhook;
  const off = { enabled: false, disabled_at: uow.now, disabled_reason: disable ?? null };
  const after = await update(uow.tx, webhook, {
    ...health,
    ...(isOff ? { ...off, version: webhook.version + 1, updated_at: uow.now } : {}),
  });
  if (isOff) uow.emit(webhookEvent('webhooks.disable', after, { reason: disable }));
  return after;
}
