import type { Message } from '@parley/contract/messages';
import type { Ticket } from '@parley/contract/tickets';
import { sql } from 'kysely';
import { getTicket, listMessages, ticketPath } from '../../testing/fixtures.ts';
import type { TestApp } from '../../testing/test-app.ts';

export const merge = (app: TestApp, source: string, body: object, key?: string) =>
  app.request<Ticket & { code?: string; attr?: string }>('POST', ticketPath(source, 'merge/'), {
    body,
    ...(key ? { key } : {}),
  });

export const unmerge = (app: TestApp, source: string, key?: string) =>
  app.request<Ticket & { code?: string }>('POST', ticketPath(source, 'unmerge/'), key ? { key } : {});

/** A thread as it is read: who wrote what where. */
export async function thread(app: TestApp, id: string): Promise<string[]> {
  return (await listMessages(app, id)).map(({ content, ticket_number }) => `${ticket_number}: ${content}`);
}

/** What a merge and its end must leave alone: everything but the version and when it was touched. */
export async function state(app: TestApp, id: string): Promise<[Partial<Ticket>, Message[]]> {
  const { version: _version, updated_at: _updated, ...ticket } = await getTicket(app, id);
  return [ticket, await listMessages(app, id)];
}

export interface Figures {
  ticket_number: number;
  message_count: number;
  last_message_at: Date | null;
  last_message_text: string | null;
}

/** Tickets whose figures are not those of the public messages in their threads. The threads are found by the links of
 * merges, not by the lists that the server keeps. */
export async function wrongFigures(app: TestApp): Promise<object[]> {
  const { rows } = await sql<Figures & { counted: number; at: Date | null; text: string | null }>`
    with recursive shown as (
      select project_id, id as head, id as member from tickets
      union all
      select t.project_id, s.head, t.id from shown s
      join tickets t on t.project_id = s.project_id and t.merged_into_id = s.member
    ), counted as (
      select s.project_id, s.head, count(m.id)::integer as counted, max(m.created_at) as at,
        (array_agg(left(m.content, 500) order by m.created_at desc, m.id desc))[1] as text
      from shown s join messages m on m.project_id = s.project_id and m.ticket_id = s.member
        and m.deleted_at is null and not m.is_private
      group by 1, 2
    )
    select t.ticket_number, t.message_count, t.last_message_at, t.last_message_text, coalesce(c.counted, 0) as counted,
      c.at, c.text
    from tickets t left join counted c on c.project_id = t.project_id and c.head = t.id
    where t.message_count <> coalesce(c.counted, 0) or t.last_message_at is distinct from c.at
      or t.last_message_text is distinct from c.text
      or (select array_agg(member order by member) from shown where head = t.id and member <> t.id)
        is distinct from (select array_agg(x order by x) from unnest(t.merged_ticket_ids) as x)`.execute(
    app.database.kysely,
  );
  return rows;
}
