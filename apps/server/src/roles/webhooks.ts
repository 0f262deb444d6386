import { WebhookDispatcher } from '#features/webhooks/webhooks.dispatcher.ts';
import type { Metrics } from '#platform/metrics.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import type { ParleyParts } from '../app.ts';
import { VERSION } from '../version.ts';

export interface WebhookParts extends ParleyParts {
  metrics: Metrics;
  unitOfWork: UnitOfWork;
  shared: SharedState;
  /** Where numbered events are announced. */
  numberedChannel: string;
}

/** Sends the webhooks of all projects, as a part of the worker. */
export async function startWebhooks(parts: WebhookParts): Promise<WebhookDispatcher> {
  const { config, clock, log, metrics, unitOfWork, shared, numberedChannel } = parts;
  const dispatcher = new WebhookDispatcher({
    unitOfWork,
    clock,
    shared,
    secretBox: createSecretBox(config.secret),
    numberedChannel,
    outboundAllow: config.outboundAllow,
    timeoutMs: parts.webhookTimeoutMs,
    userAgent: `Parley-Webhooks/${VERSION}`,
    onOutcome: (outcome) => metrics.countDelivery('webhook', outcome),
    onError: (error) => log.error({ err: error }, 'webhooks failed'),
  });
  await dispatcher.start();
  return dispatcher;
}
