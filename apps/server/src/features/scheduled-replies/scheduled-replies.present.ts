import { SCHEDULED_REPLY_REASONS, type ScheduledReply } from '@parley/contract/scheduled-reply';
import { presentUser } from '#features/auth/users.sql.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ShownReplyRow } from './scheduled-replies.repo.ts';

export function presentScheduledReply(row: ShownReplyRow): ScheduledReply {
  const { user_id, uuid, email } = row;
  const isThere = user_id !== null && uuid !== null && email !== null;
  const { first_name, last_name, email_verified } = row;
  const names = { first_name: first_name ?? '', last_name: last_name ?? '' };
  const author = isThere
    ? presentUser({ id: user_id, uuid, email, ...names, email_verified: email_verified ?? false })
    : null;
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
    author,
    version: row.version,
    created_at: formatInstant(row.created_at),
    updated_at: formatInstant(row.updated_at),
  };
}
