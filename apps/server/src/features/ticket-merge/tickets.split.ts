import type { SplitBody } from '@parley/contract/ticket-merge';
import { type RawBuilder, sql } from 'kysely';
import { recordActivities } from '#features/activities/activities.service.ts';
import { countThread } from '#features/messages/messages.figures.service.ts';
import { moveMessages } from '#features/messages/messages.move.service.ts';
import { inThread } from '#features/messages/messages.sql.ts';
import { addToVocabulary, normalizeTags } from '#features/tags/tags.service.ts';
import { linkTickets } from '#features/ticket-links/ticket-links.service.ts';
import { changeTickets } from '#features/tickets/tickets.change.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { ChangeableTicket, TicketRow } from '#features/tickets/tickets.service.ts';
import { insertSibling } from '#features/tickets/tickets.sibling.service.ts';
import { unreadCountKey } from '#features/tickets/tickets.unread-count.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/**
 * Moves messages to a new ticket of the same customer (field.md 2, row 40). Ids and dates stay; both tickets' figures
 * are counted anew, and what of the moved ones was unread is unread there.
 */
export async function splitTicket(
  uow: Uow,
  project: Project,
  ticket: ChangeableTicket,
  body: SplitBody,
): Promise<ChangeableTicket> {
  if (ticket.merged_into_id !== null)
    throw new ApiError('already_merged', `#${ticket.ticket_number} is merged. Take the merge back first.`);
  const ids = await lockMovable(uow, ticket, body.message_ids);
  const unread = await countUnread(uow, ticket, ids);
  const tags = normalizeTags(body.tags ?? []);
  await addToVocabulary(uow, project.id, tags);
  const part = await insertSibling(uow, project, ticket, {
    status: ticket.status === 'new' ? 'new' : 'open',
    subject: body.email_subject === undefined ? ticket.email_subject : body.email_subject,
    tags,
    keepAssignee: true,
  });
  await moveMessages(uow, project.id, ids, part.id);
  const [left, right] = await changeTickets(uow, [
    {
      ticket,
      changes: {
        ...(await countThread(uow, ticket)),
        unread_team_count: ticket.unread_team_count - unread.team,
        unread_customer_count: ticket.unread_customer_count - unread.customer,
      },
    },
    {
      ticket: part,
      changes: {
        ...(await countThread(uow, part)),
        unread_team_count: unread.team,
        unread_customer_count: unread.customer,
      },
    },
  ]);
  if (!left || !right) throw new Error('A split changed less than two tickets.');
  await linkTickets(uow, { ticket: right.after, linked: left.after, kind: 'split' });
  await report(uow, left.after, right.after, ids);
  return right.after;
}

async function report(uow: Uow, ticket: TicketRow, part: TicketRow, ids: readonly string[]): Promise<void> {
  const { id, ticket_number } = part;
  await recordActivities(uow, [
    {
      projectId: ticket.project_id,
      ticketId: ticket.id,
      ticketNumber: ticket.ticket_number,
      activity: 'split',
      changes: [
        {
          type: 'Ticket',
          field: 'split_ticket',
          action: 'created',
          after: { id, ticket_number, messages: ids.length },
        },
      ],
    },
  ]);
  const payload = { new_ticket_id: id, new_ticket_number: ticket_number, message_ids: ids };
  uow.emit(ticketEvent('tickets.split', ticket, payload));
  // The first may be resolved, whose unread messages are not in the sum.
  uow.invalidate(unreadCountKey(ticket.project_id));
}

interface Movable {
  id: string;
  is_own: boolean;
}

/** The messages to move, locked. Each has to be the ticket's own, and one of its own has to stay. */
async function lockMovable(uow: Uow, ticket: TicketRow, wanted: readonly string[]): Promise<string[]> {
  const ids = [...new Set(wanted.map((id) => id.toLowerCase()))];
  const { rows } = await sql<Movable>`
    select m.id, m.ticket_id = ${ticket.id} and m.via_ticket_id is null as is_own from messages m
    where m.project_id = ${ticket.project_id} and ${inThread(ticket)} and m.id = any(${ids}::uuid[])
      and m.deleted_at is null for update`.execute(uow.tx);
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const [index, id] of wanted.entries()) {
    const message = found.get(id.toLowerCase());
    const attr = `message_ids__${index}`;
    if (!message) throw invalid(attr, 'There is no such message in the ticket.', 'does_not_exist');
    if (message.is_own) continue;
    throw invalid(attr, 'It came with a merged ticket. Take that merge back first.', 'merged_message');
  }
  const staying = await sql`
    select 1 from messages m
    where m.project_id = ${ticket.project_id} and m.ticket_id = ${ticket.id} and m.via_ticket_id is null
      and m.deleted_at is null and not m.id = any(${ids}::uuid[]) limit 1`.execute(uow.tx);
  if (staying.rows.length > 0) return ids;
  throw invalid('message_ids', 'At least one message has to stay in the ticket.', 'cannot_move_all');
}

interface Unread {
  team: number;
  customer: number;
}

/** How many of the messages are unread: the counters stand for the newest ones of each side. */
async function countUnread(uow: Uow, ticket: TicketRow, ids: readonly string[]): Promise<Unread> {
  const among = async (side: RawBuilder<unknown>, newest: number) => {
    if (newest === 0) return 0;
    const { rows } = await sql<{ n: number }>`
      select count(*)::integer as n from (
        select m.id from messages m
        where m.project_id = ${ticket.project_id} and ${inThread(ticket)} and m.deleted_at is null
          and not m.is_private and ${side}
        order by m.created_at desc, m.id desc limit ${newest}) unread
      where unread.id = any(${[...ids]}::uuid[])`.execute(uow.tx);
    return rows[0]?.n ?? 0;
  };
  return {
    team: await among(sql`m.author_type = 'customer'`, ticket.unread_team_count),
    customer: await among(
      sql`m.author_type <> 'customer' and m.author_user_id is not null`,
      ticket.unread_customer_count,
    ),
  };
}
