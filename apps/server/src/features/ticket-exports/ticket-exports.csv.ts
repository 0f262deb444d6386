import type { ExportedTicket } from '@parley/contract/ticket-exports';
import { stringify } from 'csv-stringify/sync';

type Cell = string | number | null;

/** Columns of the table, in order. Texts only, but for numbers: those are no formulas. */
const COLUMNS: Readonly<Record<string, (ticket: ExportedTicket) => Cell>> = {
  ticket_number: (ticket) => ticket.ticket_number,
  id: (ticket) => ticket.id,
  status: (ticket) => ticket.status,
  priority: (ticket) => ticket.priority,
  channel_source: (ticket) => ticket.channel_source,
  channel_detail: (ticket) => ticket.channel_detail,
  assignee_type: (ticket) => ticket.assignee?.type ?? null,
  assignee: (ticket) => ticket.assignee?.email ?? ticket.assignee?.name ?? null,
  tags: (ticket) => ticket.tags.join('; '),
  email_subject: (ticket) => ticket.email_subject,
  email_from: (ticket) => ticket.email_from,
  email_to: (ticket) => ticket.email_to,
  customer_name: (ticket) => customer(ticket, 'name'),
  customer_email: (ticket) => customer(ticket, 'email'),
  distinct_id: (ticket) => ticket.distinct_id,
  organization_id: (ticket) => ticket.organization_id,
  message_count: (ticket) => ticket.message_count,
  last_message_at: (ticket) => ticket.last_message_at,
  last_message_text: (ticket) => ticket.last_message_text,
  unread_team_count: (ticket) => ticket.unread_team_count,
  unread_customer_count: (ticket) => ticket.unread_customer_count,
  ai_resolved: (ticket) => String(ticket.ai_resolved),
  escalation_reason: (ticket) => ticket.escalation_reason,
  sla_due_at: (ticket) => ticket.sla_due_at,
  snoozed_until: (ticket) => ticket.snoozed_until,
  resolved_at: (ticket) => ticket.resolved_at,
  created_at: (ticket) => ticket.created_at,
  updated_at: (ticket) => ticket.updated_at,
  deleted_at: (ticket) => ticket.deleted_at,
};

/** As the person says, else as the ticket does. */
function customer({ person, anonymous_traits: traits }: ExportedTicket, key: 'name' | 'email'): Cell {
  const own: unknown = typeof traits === 'object' && traits !== null ? Reflect.get(traits, key) : undefined;
  const value = person?.properties[key] ?? own;
  return typeof value === 'string' ? value : null;
}

/** RFC 4180; a text that a spreadsheet would run gets an apostrophe before it. */
function toCsv(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    // The library leaves a lone CR bare when lines end in CR LF.
    { record_delimiter: 'windows', escape_formulas: true, quoted_match: /[\r\n]/ },
  );
}

export function csvHead(hasMark: boolean): string {
  return (hasMark ? '\uFEFF' : '') + toCsv([Object.keys(COLUMNS)]);
}

/** Lines of an export as rows of the table. */
export function csvRows(lines: readonly string[]): string {
  const columns = Object.values(COLUMNS);
  return toCsv(
    lines.map((line) => {
      // The database just wrote it (ticket-exports.repo.ts).
      const ticket = JSON.parse(line) as ExportedTicket;
      return columns.map((read) => read(ticket));
    }),
  );
}
