import type { TicketLink } from '@parley/contract/ticket-links';
import type { Schema } from '@parley/db/schema';
import type { StoredLinkKind, TicketLinksTable } from '@parley/db/tables-ticket-links';
import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely';

export type LinkRow = Selectable<TicketLinksTable>;

/** False when the two are linked that way already, either way round. */
export async function insert(tx: Transaction<Schema>, row: Insertable<TicketLinksTable>): Promise<boolean> {
  const inserted = await tx
    .insertInto('ticket_links')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** A link of the ticket, on whichever side it stands. */
export async function findOne(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string },
  linkId: string,
): Promise<LinkRow | undefined> {
  const { rows } = await sql<LinkRow>`
    select l.* from ticket_links l
    where l.project_id = ${ticket.project_id} and l.id = ${linkId}
      and (l.ticket_id = ${ticket.id} or l.linked_ticket_id = ${ticket.id})`.execute(tx);
  return rows[0];
}

export async function remove(tx: Transaction<Schema>, projectId: number, linkId: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('ticket_links')
    .where('project_id', '=', projectId)
    .where('id', '=', linkId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function removePair(
  tx: Transaction<Schema>,
  projectId: number,
  pair: { ticketId: string; linkedId: string; kind: StoredLinkKind },
): Promise<void> {
  await tx
    .deleteFrom('ticket_links')
    .where('project_id', '=', projectId)
    .where('ticket_id', '=', pair.ticketId)
    .where('linked_ticket_id', '=', pair.linkedId)
    .where('kind', '=', pair.kind)
    .execute();
}

/** Links of a ticket to those that are not deleted, newest first; one of them when an id is given. */
export async function findMany(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string },
  linkId?: string,
): Promise<TicketLink[]> {
  const one = linkId === undefined ? sql`` : sql`and l.id = ${linkId}`;
  const { rows } = await sql<{ link: TicketLink }>`
    select json_build_object('id', l.id,
      'kind', case when l.kind = 'parent' and l.incoming then 'child' else l.kind end,
      'direction', case when l.incoming then 'incoming' else 'outgoing' end,
      'ticket', json_build_object('id', t.id, 'ticket_number', t.ticket_number, 'status', t.status,
        'priority', t.priority, 'channel_source', t.channel_source, 'email_subject', t.email_subject,
        'last_message_at', iso_utc(t.last_message_at), 'last_message_text', t.last_message_text),
      'created_by', l.created_by, 'created_at', iso_utc(l.created_at)) as link
    from (
      select l.project_id, l.id, l.kind, l.created_by, l.created_at, l.linked_ticket_id as other_id, false as incoming
      from ticket_links l
      where l.project_id = ${ticket.project_id} and l.ticket_id = ${ticket.id} ${one}
      union all
      select l.project_id, l.id, l.kind, l.created_by, l.created_at, l.ticket_id, true
      from ticket_links l
      where l.project_id = ${ticket.project_id} and l.linked_ticket_id = ${ticket.id} ${one}) l
    join tickets t on t.project_id = l.project_id and t.id = l.other_id
    where t.deleted_at is null
    order by l.created_at desc, l.id desc`.execute(tx);
  return rows.map((row) => row.link);
}

export async function count(tx: Kysely<Schema>, ticket: { project_id: number; id: string }): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::integer as n from ticket_links l
    where l.project_id = ${ticket.project_id} and (l.ticket_id = ${ticket.id} or l.linked_ticket_id = ${ticket.id})`.execute(
    tx,
  );
  return rows[0]?.n ?? 0;
}

/** Also one that is deleted: it is back when that ticket is restored. */
export async function hasOtherParent(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string },
  parentId: string,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from ticket_links l
    where l.project_id = ${ticket.project_id} and l.ticket_id = ${ticket.id} and l.kind = 'parent'
      and l.linked_ticket_id <> ${parentId}`.execute(tx);
  return rows.length > 0;
}

/** Whether `ancestorId` is above a ticket in the tree of parents. The tree has no circles. */
export async function isAbove(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string },
  ancestorId: string,
): Promise<boolean> {
  const { rows } = await sql`
    with recursive above as (
      select l.linked_ticket_id as id from ticket_links l
      where l.project_id = ${ticket.project_id} and l.ticket_id = ${ticket.id} and l.kind = 'parent'
      union
      select l.linked_ticket_id from above a
      join ticket_links l on l.project_id = ${ticket.project_id} and l.ticket_id = a.id and l.kind = 'parent'
    )
    select 1 from above where id = ${ancestorId}`.execute(tx);
  return rows.length > 0;
}

/**
 * The newest ticket that follows up on this one, is of this customer and not deleted. Only a later one, so that
 * following links by hand can't lead round in a circle; and none of `except`, for merges lead back.
 */
export async function findFollowUp(
  tx: Kysely<Schema>,
  ticket: { project_id: number; id: string; ticket_number: number },
  distinctId: string,
  except: readonly string[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select t.id from ticket_links l
    join tickets t on t.project_id = l.project_id and t.id = l.ticket_id
    where l.project_id = ${ticket.project_id} and l.linked_ticket_id = ${ticket.id} and l.kind = 'follow_up'
      and t.deleted_at is null and t.distinct_id = ${distinctId} and t.ticket_number > ${ticket.ticket_number}
      and not t.id = any(${[...except]}::uuid[])
    order by t.ticket_number desc limit 1`.execute(tx);
  return rows[0]?.id;
}
