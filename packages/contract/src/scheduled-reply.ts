import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { AnyJson, Instant, Nullable, StringEnum, Uuid } from './schemas.ts';
import { TICKET_STATUSES } from './tickets.ts';

export const SCHEDULED_REPLY_STATES = ['scheduled', 'held', 'failed'] as const;
export const SCHEDULED_REPLY_REASONS = [
  'customer_replied',
  'merged',
  'key_revoked',
  'ticket_deleted',
  'no_access',
  'support_disabled',
  'error',
] as const;

/** A reply that is not a message yet. */
export const ScheduledReply = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'Also the id of the message that it becomes.' }),
    scheduled: Type.Literal(true),
    ticket_id: Uuid,
    ticket_number: Type.Integer(),
    message: Type.String(),
    rich_content: AnyJson,
    is_private: Type.Boolean(),
    set_status: Nullable(StringEnum(TICKET_STATUSES)),
    cancel_if_customer_replies: Type.Boolean(),
    send_at: Instant,
    state: StringEnum(SCHEDULED_REPLY_STATES, {
      description: '`held` and `failed` are not sent until somebody sends them or names another time.',
    }),
    reason: Nullable(StringEnum(SCHEDULED_REPLY_REASONS, { description: 'Why it is held, or failed.' })),
    author: Nullable(BasicUser),
    version: Type.Integer(),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'ScheduledReply' },
);
export type ScheduledReply = Static<typeof ScheduledReply>;
