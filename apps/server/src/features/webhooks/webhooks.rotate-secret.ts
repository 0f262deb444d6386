import type { WebhookWithSecret } from '@parley/contract/webhooks';
import type { Project } from '#platform/actor.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { recordWebhookAudit } from './webhooks.audit.ts';
import { webhookEvent } from './webhooks.events.ts';
import { presentWebhook } from './webhooks.present.ts';
import { update } from './webhooks.repo.ts';
import { newSecret } from './webhooks.secrets.ts';
import { lockWebhook } from './webhooks.service.ts';

const DEFAULT_HOURS = 24;
const HOUR_MS = 3_600_000;

/** A new secret signs from now on; the one before signs beside it for a while. There are never more than two. */
export async function rotateSecret(
  uow: Uow,
  secretBox: SecretBox,
  project: Project,
  id: string,
  { keep_previous_hours: hours = DEFAULT_HOURS }: { keep_previous_hours?: number },
): Promise<WebhookWithSecret> {
  const before = await lockWebhook(uow, project, id);
  const secret = newSecret();
  const isKept = hours > 0;
  const after = await update(uow.tx, before, {
    secret: secretBox.seal(secret),
    previous_secret: isKept ? before.secret : null,
    previous_secret_until: isKept ? new Date(uow.now.getTime() + hours * HOUR_MS) : null,
    updated_at: uow.now,
    version: before.version + 1,
  });
  uow.emit(webhookEvent('webhooks.rotate_secret', after));
  await recordWebhookAudit(uow, project, 'webhooks.rotate_secret', after);
  return { ...presentWebhook(after, uow.now), secret };
}
