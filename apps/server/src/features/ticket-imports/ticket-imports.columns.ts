import type { TicketsTable } from '@parley/db/schema';
import type { Insertable } from 'kysely';
import { toInstant } from '#platform/instant.ts';
import { firstCharacters } from '#platform/text.ts';
import type { PlacedMessage } from './ticket-imports.messages.ts';
import type { Team } from './ticket-imports.people.ts';
import type { ImportRow } from './ticket-imports.row.ts';

/** First characters kept on the ticket for lists (tickets-api.md 6.2). */
const PREVIEW_LENGTH = 500;
const AT_RISK_MS = 3_600_000;

type Columns = Insertable<TicketsTable>;

const instant = (text: string | null | undefined): Date | null => (text == null ? null : toInstant(text));

/** What a line says of the ticket itself: these columns an update may set, too. */
export function ownColumns({ ticket, tags, traits }: ImportRow, team: Team, now: Date) {
  const due = instant(ticket.sla_due_at);
  const status = ticket.status ?? 'new';
  const resolved = instant(ticket.resolved_at) ?? instant(ticket.updated_at) ?? toInstant(ticket.created_at);
  return {
    distinct_id: ticket.distinct_id || ticket.id.toLowerCase(),
    status,
    priority: ticket.priority ?? null,
    ...assignee(ticket.assignee, team),
    anonymous_traits: traits,
    identity_verified: ticket.identity_verified ?? null,
    ai_resolved: ticket.ai_resolved ?? false,
    escalation_reason: ticket.escalation_reason ?? null,
    ai_triage: JSON.stringify(ticket.ai_triage ?? {}),
    session_id: ticket.session_id ?? null,
    session_context: JSON.stringify(ticket.session_context ?? {}),
    email_subject: ticket.email_subject ?? null,
    email_from: ticket.email_from ?? null,
    cc_participants: JSON.stringify(ticket.cc_participants ?? []),
    organization_id: ticket.organization_id ?? null,
    organization_id_source: ticket.organization_id_source ?? null,
    tags,
    sla_due_at: due,
    // A deadline that is missed already was reported where it was missed, or by nobody: not now.
    sla_at_risk_for: due && due.getTime() <= now.getTime() + AT_RISK_MS ? due : null,
    sla_breached_for: due && due <= now ? due : null,
    snoozed_until: instant(ticket.snoozed_until),
    resolved_at: status === 'resolved' ? resolved : null,
  } satisfies Partial<Columns>;
}

/** The whole row of a new ticket. Its figures are those of the messages that come with it. */
export function newColumns(
  row: ImportRow,
  { team, now, messages, emailConfigId }: Placement,
): Omit<Columns, 'project_id' | 'ticket_number'> {
  const { ticket } = row;
  const open = messages.filter((message) => !message.item_context.is_private);
  const customers = open.filter((message) => message.item_context.author_type === 'customer');
  const last = open.at(-1);
  const created = toInstant(ticket.created_at);
  return {
    ...ownColumns(row, team, now),
    id: ticket.id.toLowerCase(),
    channel_source: ticket.channel_source ?? 'widget',
    channel_detail: ticket.channel_detail ?? null,
    slack_channel_id: ticket.slack_channel_id ?? null,
    slack_thread_ts: ticket.slack_thread_ts ?? null,
    slack_team_id: ticket.slack_team_id ?? null,
    email_config_id: emailConfigId ?? null,
    github_repo: ticket.github_repo ?? null,
    github_issue_number: ticket.github_issue_number ?? null,
    message_count: open.length,
    last_message_at: last?.created_at ?? null,
    last_message_text: last ? firstCharacters(last.content, PREVIEW_LENGTH) : null,
    last_customer_message_at: customers.at(-1)?.created_at ?? null,
    unread_team_count: Math.min(ticket.unread_team_count ?? 0, customers.length),
    unread_customer_count: Math.min(ticket.unread_customer_count ?? 0, open.length - customers.length),
    created_at: created,
    updated_at: instant(ticket.updated_at) ?? last?.created_at ?? created,
    deleted_at: instant(ticket.deleted_at),
  };
}

export interface Placement {
  team: Team;
  now: Date;
  messages: readonly PlacedMessage[];
  emailConfigId: string | undefined;
}

function assignee(
  value: ImportRow['ticket']['assignee'],
  team: Team,
): { assignee_user_id: number | null; assignee_role_id: string | null } {
  const isUser = value?.type === 'user';
  return {
    assignee_user_id: (isUser && team.users.get(value.email?.toLowerCase() ?? '')) || null,
    assignee_role_id: (!isUser && team.roles.get(value?.name?.toLowerCase() ?? '')) || null,
  };
}
