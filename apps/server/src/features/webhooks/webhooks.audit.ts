import type { AuditAct } from '@parley/contract/audit-log';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** Who changed a webhook. Of its address only the host: the rest may hold a token of the receiver. */
export function recordWebhookAudit(
  uow: Uow,
  project: Project,
  act: Extract<AuditAct, `webhooks.${string}`>,
  { id, name, url }: { id: string; name: string; url: string },
  detail: object = {},
): Promise<void> {
  const host = URL.parse(url)?.host ?? null;
  return recordAudit(uow, project, {
    act,
    target: { type: 'webhook', id, name },
    detail: { host, ...detail },
  });
}
