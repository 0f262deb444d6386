import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { recordWebhookAudit } from './webhooks.audit.ts';
import { webhookEvent } from './webhooks.events.ts';
import { update } from './webhooks.repo.ts';
import { lockWebhook } from './webhooks.service.ts';

/** Ends a webhook at once. Its log may have a million rows, so the dispatcher removes that bit by bit. */
export async function deleteWebhook(uow: Uow, project: Project, id: string): Promise<void> {
  const before = await lockWebhook(uow, project, id);
  const after = await update(uow.tx, before, {
    enabled: false,
    deleted_at: uow.now,
    secret: '',
    previous_secret: null,
    previous_secret_until: null,
    next_due_at: null,
    prune_at: uow.now,
    updated_at: uow.now,
    version: before.version + 1,
  });
  uow.emit(webhookEvent('webhooks.delete', after));
  await recordWebhookAudit(uow, project, 'webhooks.delete', after);
}
