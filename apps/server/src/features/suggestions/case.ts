import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { listExceptionsAround } from '#features/event-intake/page-events.service.ts';
import { inThread } from '#features/messages/messages.sql.ts';
import { findHead } from '#features/ticket-merge/thread-head.service.ts';
import { findTicket, type TicketRow } from '#features/tickets/tickets.service.ts';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { pickProperties } from './person-properties.ts';

/** All that a provider is told (inbox.md 13.5). */
export interface CaseFacts {
  ticket: { channel: string; status: string; page_url: string | null; session_id: string | null };
  person: Record<string, unknown>;
  /** What went wrong in the customer's browser around the time the ticket was opened, newest first. */
  exceptions: { title: string; url: string | null }[];
  /** Oldest first. */
  conversation: Line[];
}

interface Line {
  from: 'customer' | 'assistant' | 'team';
  text: string;
}

const MAX_MESSAGES = 50;
const MAX_CHARACTERS = 8000;

/** Reads what a suggestion is made from: the thread a reply would go to. 404 when there is no such ticket. */
export async function readCase(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<{ ticketId: string; facts: CaseFacts }> {
  const named = await findTicket(context, project, idOrNumber);
  const head = await findHead(context, project, named);
  const { text } = await showTicket(context, project, head.id);
  // Written by the statement that answers the ticket routes, whose test checks it against this type.
  const ticket = JSON.parse(text) as Ticket;
  const { current_url: pageUrl } = ticket.session_context;
  return {
    ticketId: named.id,
    facts: {
      ticket: {
        channel: ticket.channel_source,
        status: ticket.status,
        page_url: typeof pageUrl === 'string' ? pageUrl.slice(0, 2000) : null,
        session_id: ticket.session_id,
      },
      person: pickProperties(ticket.person?.properties ?? {}),
      exceptions: await listExceptionsAround(
        context,
        project.id,
        ticket.session_id,
        new Date(ticket.created_at),
      ),
      conversation: await readConversation(context, head),
    },
  };
}

/** The last public messages; of what is too long the end is kept. */
async function readConversation(context: ReadContext, head: TicketRow): Promise<Line[]> {
  const { rows } = await sql<{ author_type: string; content: string }>`
    select m.author_type, right(m.content, ${MAX_CHARACTERS}) as content from messages m
    where m.project_id = ${head.project_id} and ${inThread(head)} and not m.is_private and m.deleted_at is null
    order by m.created_at desc, m.id desc limit ${MAX_MESSAGES}`.execute(context.tx);
  const lines: Line[] = [];
  let room = MAX_CHARACTERS;
  for (const { author_type, content } of rows) {
    if (room <= 0) break;
    const text = content.slice(-room).toWellFormed();
    lines.unshift({ from: speakerOf(author_type), text });
    room -= text.length;
  }
  return lines;
}

function speakerOf(authorType: string): Line['from'] {
  if (authorType === 'customer') return 'customer';
  return authorType === 'AI' ? 'assistant' : 'team';
}
