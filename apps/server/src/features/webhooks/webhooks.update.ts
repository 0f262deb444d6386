import type { Webhook, WebhookUpdate } from '@parley/contract/webhooks';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { recordWebhookAudit } from './webhooks.audit.ts';
import { reschedule } from './webhooks.claim.ts';
import { checkUrl, type WebhookSettings } from './webhooks.create.ts';
import { webhookEvent } from './webhooks.events.ts';
import { presentWebhook } from './webhooks.present.ts';
import { update, type WebhookRow } from './webhooks.repo.ts';
import { lockWebhook } from './webhooks.service.ts';

/** As good as new: what failed before says nothing about another address, or after somebody looked into it. */
const HEALTHY = { failures: 0, failing_since: null, held_until: null };
const ON = { enabled: true, disabled_at: null, disabled_reason: null };

type Settings = Partial<Pick<WebhookRow, 'name' | 'url' | 'events' | 'enabled'>>;

/** Changes what is sent and where. What waits is sent to the new address. */
export async function updateWebhook(
  uow: Uow,
  { isAllowed }: WebhookSettings,
  project: Project,
  id: string,
  body: WebhookUpdate,
): Promise<Webhook> {
  if (body.url !== undefined) checkUrl(body.url, isAllowed);
  const before = await lockWebhook(uow, project, id);
  const { url = before.url, enabled = before.enabled } = body;
  const settings: Settings = {
    name: body.name?.trim() ?? before.name,
    url,
    events: body.events ? [...new Set(body.events)] : before.events,
    enabled,
  };
  const keys = Object.keys(settings) as (keyof Settings)[];
  const fields = keys.filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(before[key]));
  if (fields.length === 0) return presentWebhook(before, uow.now);
  const isSwitched = enabled !== before.enabled;
  const off = { disabled_at: uow.now, disabled_reason: 'manual' as const };
  const after = await save(uow, before, {
    ...settings,
    ...(isSwitched ? (enabled ? ON : off) : {}),
    ...((isSwitched && enabled) || url !== before.url ? HEALTHY : {}),
  });
  uow.emit(webhookEvent('webhooks.update', after, { fields }));
  await recordWebhookAudit(uow, project, 'webhooks.update', after, { fields });
  return presentWebhook(after, uow.now);
}

/** Turns a webhook on and closes its breaker; it goes on where it stopped. */
export async function enableWebhook(uow: Uow, project: Project, id: string): Promise<Webhook> {
  const before = await lockWebhook(uow, project, id);
  if (before.enabled && before.failures === 0 && before.held_until === null) {
    return presentWebhook(before, uow.now);
  }
  const after = await save(uow, before, { ...ON, ...HEALTHY });
  uow.emit(webhookEvent('webhooks.enable', after));
  await recordWebhookAudit(uow, project, 'webhooks.enable', after);
  return presentWebhook(after, uow.now);
}

async function save(
  uow: Uow,
  before: WebhookRow,
  changes: Parameters<typeof update>[2],
): Promise<WebhookRow> {
  const version = before.version + 1;
  const after = await update(uow.tx, before, { ...changes, version, updated_at: uow.now });
  await reschedule(uow, after);
  return after;
}
