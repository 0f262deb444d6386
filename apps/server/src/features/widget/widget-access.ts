import type { TicketStatus } from '@parley/contract/tickets';
import { fixedStatement } from '@parley/db/fixed-statement';
import { type RawBuilder, sql } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { Visitor } from './visitor.ts';
import { badRequest, noSuchTicket, notYours } from './widget-error.ts';

/** A visitor in a statement. */
export interface VisitorPlaces {
  session: RawBuilder<Buffer | null>;
  identity: RawBuilder<string | null>;
  email: RawBuilder<string | null>;
}

/**
 * By what a visitor may see a ticket (alias t). Sessions are compared as hashes, which nobody can approach letter by
 * letter; the person of an id is all ids that were merged into one, but by a page's word alone.
 */
export function accessOf(
  project: RawBuilder<number>,
  { session, identity, email }: VisitorPlaces,
): RawBuilder<unknown> {
  return sql`select
    coalesce(t.widget_session_hash = ${session}::bytea, false) as by_session,
    coalesce(t.distinct_id = ${identity}::text, false) or exists (
      select from person_distinct_ids a
      join person_distinct_ids b on b.project_id = a.project_id and b.person_id = a.person_id
      where a.project_id = ${project} and a.distinct_id = ${identity}::text
        and b.distinct_id = t.distinct_id and not a.is_said and not b.is_said) as by_identity,
    coalesce(t.identity_verified and t.channel_source <> 'widget'
      and lower(t.distinct_id) = ${email}::text, false) as by_email`;
}

export interface AccessibleTicket {
  id: string;
  status: TicketStatus;
  unread_customer_count: number;
  by_session: boolean;
  by_identity: boolean;
  by_email: boolean;
  merged_into_id: string | null;
  merged_ticket_ids: string[];
}

const selectAccess = fixedStatement<
  AccessibleTicket,
  [number, string[], Buffer | null, string | null, string | null]
>(
  (project, ids, session, identity, email) => sql`
    select t.id, t.status, t.unread_customer_count, t.merged_into_id, t.merged_ticket_ids,
      a.by_session, a.by_identity, a.by_email
    from tickets t cross join lateral (${accessOf(project, { session, identity, email })}) a
    where t.project_id = ${project} and t.id = any(${ids}::uuid[]) and t.deleted_at is null`,
);

export const mayAccess = (
  ticket: Pick<AccessibleTicket, 'by_session' | 'by_identity' | 'by_email'>,
): boolean => ticket.by_session || ticket.by_identity || ticket.by_email;

/** Some tickets, with what a visitor may see them by; deleted ones are left out. */
export function readAccess(
  { tx }: Pick<ReadContext, 'tx'>,
  project: Project,
  { session, identity, email }: Visitor,
  ids: string[],
): Promise<AccessibleTicket[]> {
  return selectAccess(tx, project.id, ids, session, identity, email);
}

/** Lets a visitor through to a ticket; 404 for none, 403 for somebody else's. */
export function requireAccess<T extends AccessibleTicket>(ticket: T | undefined): T {
  if (!ticket) throw noSuchTicket();
  if (!mayAccess(ticket)) throw notYours();
  return ticket;
}

/** First of all: what is no uuid names no ticket (widget.md 5.7). */
export function checkTicketId(id: string): string {
  if (!isUuid(id)) throw badRequest('Invalid ticket_id format');
  return id.toLowerCase();
}
