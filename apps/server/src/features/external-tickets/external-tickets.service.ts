import type {
  ExternalTicket,
  ExternalTicketQuery,
  ExternalTicketUpdate,
} from '@parley/contract/external-tickets';
import { TICKET_TAGS_MAX, type Ticket, type TicketUpdate } from '@parley/contract/tickets';
import { normalizeTags } from '#features/tags/tags.service.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import { updateTicket } from '#features/tickets/tickets.update.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import { isUuid } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { readDeadline } from './deadline.ts';
import { findFirstWords } from './first-words.ts';

/** A ticket by its uuid, as other systems see it (tickets-api.md 4.7). Marks nothing as read. */
export async function showExternally(
  context: ReadContext,
  project: Project,
  id: string,
  query: ExternalTicketQuery,
): Promise<ExternalTicket> {
  if (!isUuid(id)) throw notFound();
  const { text } = await showTicket(context, project, id);
  // Written by the statement that answers the ticket routes, whose test checks it against this type.
  const ticket = JSON.parse(text) as Ticket;
  if (!/^(true|1)$/i.test(query.include_first_customer_message_text ?? '')) return present(ticket);
  const words = await findFirstWords(context, { project_id: project.id, id: ticket.id });
  return { ...present(ticket), first_customer_message_text: words };
}

function present(ticket: Ticket): ExternalTicket {
  const { current_url: url } = ticket.session_context;
  return {
    id: ticket.id,
    number: ticket.ticket_number,
    status: ticket.status,
    priority: ticket.priority,
    channel_source: ticket.channel_source,
    channel_detail: ticket.channel_detail,
    distinct_id: ticket.distinct_id,
    created_at: ticket.created_at,
    updated_at: ticket.updated_at,
    message_count: ticket.message_count,
    last_message_at: ticket.last_message_at,
    last_message_text: ticket.last_message_text,
    unread_team_count: ticket.unread_team_count,
    unread_customer_count: ticket.unread_customer_count,
    sla: ticket.sla_due_at,
    snoozed_until: ticket.snoozed_until,
    assignee: ticket.assignee,
    url: typeof url === 'string' ? url : null,
    slack_channel_id: ticket.slack_channel_id,
    slack_thread_ts: ticket.slack_thread_ts,
    slack_team_id: ticket.slack_team_id,
    email_subject: ticket.email_subject,
    email_from: ticket.email_from,
    email_to: ticket.email_to,
    cc_participants: ticket.cc_participants,
    tags: ticket.tags,
  };
}

/**
 * Changes a ticket for another system: all fields of a request or none. Events come as of any change, with the
 * workflow that set it off in their chain (decisions.md 22).
 */
export async function updateExternally(
  uow: Uow,
  project: Project,
  id: string,
  body: ExternalTicketUpdate,
): Promise<{ ok: true }> {
  if (!isUuid(id)) throw notFound();
  const deadline = await readDeadline(uow, project, body);
  const ticket = await lockTicket(uow, project, id);
  const { status, priority, sla_due_at, snoozed_until, assignee, tags, tags_mode = 'add' } = body;
  const changes: TicketUpdate = {
    ...(status === undefined ? {} : { status }),
    ...(priority === undefined ? {} : { priority }),
    ...(sla_due_at === undefined ? {} : { sla_due_at }),
    ...(deadline === undefined ? {} : { sla_due_at: formatInstant(deadline) }),
    ...(snoozed_until === undefined ? {} : { snoozed_until }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(tags === undefined ? {} : { tags: combineTags(ticket.tags, tags, tags_mode) }),
  };
  if (Object.keys(changes).length > 0) await updateTicket(uow, project, ticket, changes);
  return { ok: true };
}

function combineTags(
  current: readonly string[],
  sent: readonly string[],
  mode: NonNullable<ExternalTicketUpdate['tags_mode']>,
): string[] {
  const names = normalizeTags(sent);
  if (mode === 'set') return names;
  if (mode === 'remove') return current.filter((name) => !names.includes(name));
  const all = normalizeTags([...current, ...names]);
  if (all.length <= TICKET_TAGS_MAX) return all;
  throw invalid('tags', `Ensure a ticket has no more than ${TICKET_TAGS_MAX} tags.`, 'max_length');
}

const WORKFLOW_HEADER = 'x-posthog-hog-flow-id';

/** The actor with the workflow that a request names. A header that names none is ignored (tickets-api.md 4.7). */
export function triggeredBy(actor: Actor, headers: Readonly<Record<string, unknown>>): Actor {
  const id = headers[WORKFLOW_HEADER];
  if (actor.kind !== 'secret' && actor.kind !== 'service') return actor;
  if (typeof id !== 'string' || !isUuid(id)) return actor;
  return { ...actor, trigger: { type: 'hog_flow', id: id.toLowerCase() } };
}
