import { webhooks } from '@parley/contract/webhooks';
import type { Binder } from '#platform/http/binder.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { createWebhook, type WebhookSettings } from './webhooks.create.ts';
import { deleteWebhook } from './webhooks.delete.ts';
import { listDeliveries, showDelivery } from './webhooks.deliveries.ts';
import { listEvents } from './webhooks.event-list.ts';
import { replayDeliveries } from './webhooks.replay.ts';
import { rotateSecret } from './webhooks.rotate-secret.ts';
import { testWebhook } from './webhooks.send-test.ts';
import { listWebhooks, showWebhook } from './webhooks.service.ts';
import { enableWebhook, updateWebhook } from './webhooks.update.ts';
import { WAKE_CHANNEL } from './webhooks.wake.ts';

export function bindWebhookRoutes(binder: Binder, shared: SharedState, settings: WebhookSettings): void {
  /** There is something to send, now and not at the dispatchers' next look. They look anyway: nobody waits for this. */
  const wake = () => shared.publish(WAKE_CHANNEL, '').catch(() => {});

  binder.read(webhooks.list, (context, call) => listWebhooks(context, call.project, call));
  binder.write(webhooks.create, (uow, { project, body }) => createWebhook(uow, settings, project, body));
  binder.read(webhooks.events, (context, { project, query }) => listEvents(context, project, query));
  binder.read(webhooks.retrieve, (context, { project, params }) =>
    showWebhook(context, project, params.webhook_id),
  );
  binder.write(webhooks.update, (uow, { project, params, body }) =>
    updateWebhook(uow, settings, project, params.webhook_id, body),
  );
  binder.write(webhooks.delete, async (uow, { project, params }) => {
    await deleteWebhook(uow, project, params.webhook_id);
    return undefined;
  });
  binder.write(webhooks.enable, (uow, { project, params }) => enableWebhook(uow, project, params.webhook_id));
  binder.write(webhooks.rotateSecret, (uow, { project, params, body }) =>
    rotateSecret(uow, settings.secretBox, project, params.webhook_id, body),
  );
  binder.mixed(webhooks.test, async (unitOfWork, { actor, project, params, once }) => {
    const answer = await unitOfWork.run(actor, (uow) =>
      once(uow, () => testWebhook(uow, project, params.webhook_id)),
    );
    await wake();
    return answer;
  });
  binder.read(webhooks.deliveries, (context, call) =>
    listDeliveries(context, call.project, call.params.webhook_id, call),
  );
  binder.read(webhooks.delivery, (context, { project, params }) =>
    showDelivery(context, project, params.webhook_id, params.delivery_id),
  );
  binder.mixed(webhooks.replay, async (unitOfWork, { actor, project, params, body, once }) => {
    const answer = await unitOfWork.run(actor, (uow) =>
      once(uow, () => replayDeliveries(uow, project, params.webhook_id, body)),
    );
    await wake();
    return answer;
  });
}
