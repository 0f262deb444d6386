import { SCHEDULED_REPLY_REASONS, type ScheduledReply } from '@parley/contract/scheduled-reply';
import { formatInstant } from '#platform/instant.ts';
import type { ShownReplyRow } from './scheduled-replies.repo.ts';

export function presentScheduledReply(row: ShownReplyRow): ScheduledReply {
  return {
    id: row.id,
    scheduled: true,
    ticket_id: row.ticket_id,
    ticket_number: row.ticket_number,
    message: row.message,
    rich_content: row.rich_content,
    is_private: row.is_private,
    set_status: row.set_status,
    cancel_if_customer_replies: row.cancel_if_customer_replies,
    send_at: formatInstant(row.send_at),
    state: row.state,
    reason: SCHEDULED_REPLY_REASONS.find((reason) => reason === row.reason) ?? null,
    author: row.author,
    version: row.version,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}
