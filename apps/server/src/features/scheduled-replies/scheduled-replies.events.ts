import type { EventName } from '@parley/contract/events';
import type { NewEvent } from '#platform/events/event.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ScheduledReplyRow } from './scheduled-replies.repo.ts';

/** An event about a scheduled reply as it is after the change. Its words are not in it: nobody has sent them. */
export function scheduledReplyEvent(
  name: Extract<EventName, `scheduled_replies.${string}`>,
  reply: ScheduledReplyRow,
): NewEvent {
  const { id, ticket_id, user_id, is_private, state, reason } = reply;
  return {
    name,
    projectId: reply.project_id,
    resourceId: id,
    resourceVersion: reply.version,
    ticketId: ticket_id,
    payload: { id, ticket_id, user_id, is_private, state, reason, send_at: formatInstant(reply.send_at) },
  };
}
