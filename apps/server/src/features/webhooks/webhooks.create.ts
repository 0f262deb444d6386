import type { WebhookCreate, WebhookWithSecret } from '@parley/contract/webhooks';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { newId } from '#platform/ids.ts';
import type { AllowList } from '#platform/outbound-address.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { recordWebhookAudit } from './webhooks.audit.ts';
import { webhookEvent } from './webhooks.events.ts';
import { presentWebhook } from './webhooks.present.ts';
import { firstPrune } from './webhooks.prune.ts';
import { findLastSeq, findMany, insert } from './webhooks.repo.ts';
import { newSecret } from './webhooks.secrets.ts';
import { findTargetProblem } from './webhooks.target.ts';

/** Each of them costs a row per event. */
const MAX_PER_PROJECT = 50;

/** What changing a webhook needs of the process. */
export interface WebhookSettings {
  secretBox: SecretBox;
  isAllowed: AllowList;
}

/** A webhook that gets the events from now on. Its secret is in the answer and nowhere else in the clear. */
export async function createWebhook(
  uow: Uow,
  { secretBox, isAllowed }: WebhookSettings,
  project: Project,
  body: WebhookCreate,
): Promise<WebhookWithSecret> {
  checkUrl(body.url, isAllowed);
  if ((await findMany(uow.tx, project.id)).length >= MAX_PER_PROJECT) {
    throw new ApiError('conflict', `A project has at most ${MAX_PER_PROJECT} webhooks.`);
  }
  const { enabled = true } = body;
  const secret = newSecret();
  const row = await insert(uow.tx, {
    project_id: project.id,
    id: newId(),
    name: body.name?.trim() ?? '',
    url: body.url,
    events: [...new Set(body.events)],
    secret: secretBox.seal(secret),
    enabled,
    ...(enabled ? {} : { disabled_at: uow.now, disabled_reason: 'manual' }),
    cursor_seq: await findLastSeq(uow.tx, project.id),
    prune_at: firstPrune(uow.now),
    created_at: uow.now,
    updated_at: uow.now,
  });
  uow.emit(webhookEvent('webhooks.create', row));
  await recordWebhookAudit(uow, project, 'webhooks.create', row);
  return { ...presentWebhook(row, uow.now), secret };
}

export function checkUrl(url: string, isAllowed: AllowList): void {
  const problem = findTargetProblem(url, isAllowed);
  if (problem !== undefined) throw invalid('url', problem);
}
