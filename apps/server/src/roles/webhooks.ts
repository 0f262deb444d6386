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
}

/** Sends the webhooks of all projects, as a part of the worker, and answers what ends it. */
export async function startWebhooks(
  parts: WebhookParts,
  numberedChannel: string,
): Promise<() => Promise<void>> {
  const { config, clock, log, metrics, unitOfWork, shared } = parts;
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
  return () => dispatcher.stop();
}
