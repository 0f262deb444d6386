import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { pickProperties } from './person-properties.ts';

/** All that a provider is told (inbox.md 13.5). */
export interface CaseFacts {
  ticket: { channel: string; status: string; page_url: string | null; session_id: string | null };
  person: Record<string, unknown>;
  /** Oldest first. */
  conversation: Line[];
}

interface Line {
  from: 'customer' | 'assistant' | 'team';
  text: string;
}

const MAX_MESSAGES = 50;
const MAX_CHARACTERS = 8000;

/** Reads what a suggestion is made from; 404 when there is no such ticket. */
export async function readCase(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<{ ticketId: string; facts: CaseFacts }> {
  const { text } = await showTicket(context, project, idOrNumber);
  // Written by the statement that answers the ticket routes, whose test checks it against this type.
  const ticket = JSON.parse(text) as Ticket;
  const { current_url: pageUrl } = ticket.session_context;
  return {
    ticketId: ticket.id,
    facts: {
      ticket: {
        channel: ticket.channel_source,
        status: ticket.status,
        page_url: typeof pageUrl === 'string' ? pageUrl.slice(0, 2000) : null,
        session_id: ticket.session_id,
      },
      person: pickProperties(ticket.person?.properties ?? {}),
      conversation: await readConversation(context, project.id, ticket.id),
    },
  };
}

/** The last public messages; of what is too long the end is kept. */
async function readConversation(context: ReadContext, projectId: number, ticketId: string): Promise<Line[]> {
  const { rows } = await sql<{ author_type: string; content: string }>`
    select author_type, right(content, ${MAX_CHARACTERS}) as content from messages
    where project_id = ${projectId} and ticket_id = ${ticketId} and not is_private and deleted_at is null
    order by created_at desc limit ${MAX_MESSAGES}`.execute(context.tx);
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
