import { sql } from 'kysely';
import { holdFiles } from '#features/files/files.attach.service.ts';
import { countMovedUnread } from '#features/ticket-merge/moved-unread.service.ts';
import { recountThreads } from '#features/ticket-merge/thread-figures.service.ts';
import type { ChangeableTicket, TicketRow } from '#features/tickets/tickets.service.ts';
import { newId } from '#platform/ids.ts';
import { firstCharacters } from '#platform/text.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { RuleOutcome } from './messages.rules.ts';
import { inThread } from './messages.sql.ts';

export interface NewMessage {
  /** Default: a new one. */
  id?: string | undefined;
  content: string;
  richContent?: unknown;
  /** As the published API stores it: at least author_type and is_private. */
  itemContext: { author_type: string; is_private: boolean } & Record<string, unknown>;
  authorUserId: number | null;
}

export interface StoredMessage {
  id: string;
  createdAt: Date;
  /** The ticket as it is now. */
  ticket: TicketRow;
}

/** First characters kept on the ticket for lists (tickets-api.md 6.2). */
const PREVIEW_LENGTH = 500;

/**
 * Stores a message and moves the ticket's counters (tickets-api.md 6.2) in one statement, under the ticket's lock; where that
 * is the head of a thread, `via` is kept with it.
 * created_at is later than that of every message before it, so that paging by time never skips one. A private
 * message leaves the ticket alone. `status` and `snoozedUntil` are what the message's status rule makes of them.
 */
export async function storeMessage(
  uow: Uow,
  ticket: ChangeableTicket,
  message: NewMessage,
  rule: RuleOutcome = { status: ticket.status, snoozedUntil: ticket.snoozed_until },
): Promise<StoredMessage> {
  const { id = newId(), content, richContent = null, itemContext, authorUserId } = message;
  const { isPublic, isCustomer, seenByCustomer } = figuresOf(message);
  const rich = richContent === null ? null : JSON.stringify(richContent);
  const { rows } = await sql<{ created_at: Date }>`
    with stored as (
      insert into messages (project_id, id, ticket_id, content, rich_content, item_context, author_user_id, created_at,
        via_ticket_id)
      select ${ticket.project_id}, ${id}::uuid, ${ticket.id}::uuid, ${content}, ${rich}::jsonb,
        ${JSON.stringify(itemContext)}::jsonb, ${authorUserId}::integer,
        greatest(${uow.now}::timestamptz(3), max(m.created_at) + interval '1 millisecond'),
        ${ticket.via ?? null}::uuid
      from messages m where m.project_id = ${ticket.project_id} and ${inThread(ticket)}
      returning created_at
    ), counted as (
      update tickets t set
        message_count = message_count + 1,
        last_message_at = stored.created_at,
        last_message_text = left(${content}, ${PREVIEW_LENGTH}),
        last_customer_message_at = case when ${isCustomer} then stored.created_at else last_customer_message_at end,
        unread_team_count = unread_team_count + ${isCustomer ? 1 : 0},
        unread_customer_count = unread_customer_count + ${seenByCustomer},
        status = ${rule.status},
        snoozed_until = ${rule.snoozedUntil}::timestamptz,
        resolved_at = case when ${rule.status} = 'resolved' then resolved_at end,
        updated_at = greatest(t.updated_at, stored.created_at),
        version = version + 1
      from stored where ${isPublic} and t.project_id = ${ticket.project_id} and t.id = ${ticket.id}
    )
    select created_at from stored`.execute(uow.tx);
  await holdFiles(uow, ticket.project_id, id, { content, richContent });
  const createdAt = rows[0]?.created_at;
  if (!createdAt) throw new Error('A message was not stored.');
  if (!isPublic) return { id, createdAt, ticket };
  await keepThreads(uow, ticket, { team: isCustomer ? 1 : 0, customer: seenByCustomer });
  return {
    id,
    createdAt,
    // What the statement just wrote; the ticket is locked, so nobody else can have.
    ticket: {
      ...ticket,
      message_count: ticket.message_count + 1,
      last_message_at: createdAt,
      last_message_text: firstCharacters(content, PREVIEW_LENGTH),
      last_customer_message_at: isCustomer ? createdAt : ticket.last_customer_message_at,
      unread_team_count: ticket.unread_team_count + (isCustomer ? 1 : 0),
      unread_customer_count: ticket.unread_customer_count + seenByCustomer,
      status: rule.status,
      snoozed_until: rule.snoozedUntil,
      resolved_at: rule.status === 'resolved' ? ticket.resolved_at : null,
      updated_at: createdAt > ticket.updated_at ? createdAt : ticket.updated_at,
      version: ticket.version + 1,
    },
  };
}

/** How a message moves the counters. */
function figuresOf({ itemContext, authorUserId }: NewMessage) {
  const isCustomer = itemContext.author_type === 'customer';
  const seenByCustomer = !isCustomer && authorUserId !== null ? 1 : 0;
  return { isPublic: !itemContext.is_private, isCustomer, seenByCustomer };
}

/** Merges remember what is unread because of them. */
async function keepThreads(
  uow: Uow,
  ticket: ChangeableTicket,
  unread: { team: number; customer: number },
): Promise<void> {
  if (ticket.via !== undefined) await countMovedUnread(uow, ticket, ticket.via, unread);
  // Messages go to the head of a thread. Whoever writes below it all the same leaves the figures above it right.
  if (ticket.merged_into_id !== null) await recountThreads(uow, ticket.project_id, ticket.id, ticket.id);
}
