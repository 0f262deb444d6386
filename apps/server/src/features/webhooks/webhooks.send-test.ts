import { TEST_EVENT, type WebhookDelivery } from '@parley/contract/webhooks';
import { requireSupport } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { reschedule } from './webhooks.claim.ts';
import { testMessage } from './webhooks.message.ts';
import { presentDelivery } from './webhooks.present.ts';
import { lockWebhook } from './webhooks.service.ts';

/** Queues one test delivery, which no breaker and no switch holds up. */
export async function testWebhook(uow: Uow, project: Project, id: string): Promise<WebhookDelivery> {
  requireSupport(project);
  const webhook = await lockWebhook(uow, project, id);
  const deliveryId = newId();
  const row = await uow.tx
    .insertInto('webhook_deliveries')
    .values({
      project_id: project.id,
      id: deliveryId,
      webhook_id: webhook.id,
      event: TEST_EVENT,
      lane: deliveryId,
      payload: JSON.stringify(testMessage(deliveryId, webhook, uow.now)),
      state: 'pending',
      next_attempt_at: uow.now,
      created_at: uow.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await reschedule(uow, webhook);
  return presentDelivery(row);
}
