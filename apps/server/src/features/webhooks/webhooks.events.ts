import type { NewEvent } from '#platform/events/event.ts';

/** An event about a webhook as it is after the change. Its address stays out: it may hold a token of the receiver. */
export function webhookEvent(
  name: Extract<NewEvent['name'], `webhooks.${string}`>,
  webhook: { project_id: number; id: string; version: number; name: string },
  payload: object = {},
): NewEvent {
  const { project_id, id, version } = webhook;
  return {
    name,
    projectId: project_id,
    resourceId: id,
    resourceVersion: version,
    payload: { id, name: webhook.name, ...payload },
  };
}
