import { WIDGET_PAGE_MAX, type WidgetMessagesQuery } from '@parley/contract/widget';
import { fixedStatement } from '@parley/db/fixed-statement';
import { type RawBuilder, sql } from 'kysely';
import { assistantName } from '#features/messages/messages.lookup.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { RawJson } from '#platform/http/call.ts';
import { parseInstant } from '#platform/instant.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { findThread } from './merged-thread.ts';
import type { Visitor } from './visitor.ts';
import { type AccessibleTicket, accessOf, requireAccess } from './widget-access.ts';
import { readCount } from './widget-query.ts';

interface Page {
  count: number;
  /** JSON, by comma. */
  messages: string | null;
}

/** A message (alias m, of user u or of the customer of ticket t) as its customer sees it (widget.md 5.2). */
const messageJson = (assistant: RawBuilder<string>) => sql`json_build_object(
  'id', m.id, 'content', m.content, 'rich_content', m.rich_content, 'author_type', m.author_type,
  'author_name', coalesce(nullif(u.first_name, ''), u.email, case m.author_type
    when 'customer' then coalesce(nullif(t.anonymous_traits ->> 'name', ''),
      nullif(t.anonymous_traits ->> 'email', ''), 'You')
    when 'AI' then ${assistant}::text end, 'Support'),
  'created_at', iso_utc(m.created_at))::text`;

/** Messages (alias n) that a customer may see, after an instant. */
const isShown = (after: RawBuilder<Date | null>) => sql`not n.is_private and n.deleted_at is null
  and n.created_at > coalesce(${after}::timestamptz, '-infinity')`;

/** Access and messages in one statement: nothing is asked as often. Of a ticket that is not theirs no message is read. */
const selectPage = fixedStatement<
  AccessibleTicket & Page,
  [number, string, Buffer | null, string | null, string | null, Date | null, number, string]
>(
  (project, id, session, identity, email, after, limit, assistant) => sql`
    select t.id, t.status, t.unread_customer_count, t.merged_into_id, t.merged_ticket_ids,
      a.by_session, a.by_identity, a.by_email, page.count, page.messages
    from tickets t
    cross join lateral (${accessOf(project, { session, identity, email })}) a
    cross join lateral (
      select count(*)::integer as count, string_agg(${messageJson(assistant)}, ',' order by m.created_at) as messages
      from (
        select n.* from messages n
        where n.project_id = t.project_id and n.ticket_id = t.id and ${isShown(after)}
          and (a.by_session or a.by_identity or a.by_email)
        order by n.created_at limit ${limit}
      ) m left join users u on u.id = m.author_user_id
    ) page
    where t.project_id = ${project} and t.id = ${id}::uuid and t.deleted_at is null`,
);

/** Of a merged thread, the messages that were written to some of its tickets. */
const selectMergedPage = fixedStatement<Page, [number, string[], string[], Date | null, number, string]>(
  (project, all, theirs, after, limit, assistant) => sql`
    select count(*)::integer as count,
      string_agg(${messageJson(assistant)}, ',' order by m.created_at, m.id) as messages
    from (
      select n.* from messages n
      where n.project_id = ${project} and n.ticket_id = any(${all}::uuid[]) and ${isShown(after)}
        and coalesce(n.via_ticket_id, n.ticket_id) = any(${theirs}::uuid[])
      order by n.created_at, n.id limit ${limit}
    ) m
    join tickets t on t.project_id = m.project_id and t.id = coalesce(m.via_ticket_id, m.ticket_id)
    left join users u on u.id = m.author_user_id`,
);

/** The messages of a ticket as its customer sees them, oldest first (widget.md 5.2). */
export async function listMessagesForVisitor(
  context: ReadContext,
  project: Project,
  visitor: Visitor,
  ticketId: string,
  query: WidgetMessagesQuery,
): Promise<RawJson> {
  const limit = readCount('limit', query.limit, { min: 1, max: WIDGET_PAGE_MAX, fallback: WIDGET_PAGE_MAX });
  const after = readAfter(query.after);
  const { session, identity, email } = visitor;
  const assistant = assistantName(project);
  const [found] = await selectPage(
    context.tx,
    project.id,
    ticketId,
    session,
    identity,
    email,
    after,
    limit,
    assistant,
  );
  const ticket = requireAccess(found);
  if (ticket.merged_into_id === null && ticket.merged_ticket_ids.length === 0)
    return present(ticket, ticket, limit);
  const { shown, all, theirs } = await findThread(context, project, visitor, ticket);
  const [page] = await selectMergedPage(context.tx, project.id, all, theirs, after, limit, assistant);
  return present({ ...shown, id: ticket.id }, page, limit);
}

function readAfter(text: string | undefined): Date | null {
  if (!text) return null;
  const instant = parseInstant(text);
  if (!instant)
    throw invalid('after', 'Datetime has wrong format. Use ISO 8601, such as 2026-01-31T09:00:00Z.');
  return instant;
}

function present(ticket: AccessibleTicket, page: Page | undefined, limit: number): RawJson {
  const { id, status, unread_customer_count: unread } = ticket;
  const { count = 0, messages = null } = page ?? {};
  return new RawJson(
    `{"ticket_id":"${id}","ticket_status":"${status}","unread_count":${unread},` +
      `"messages":[${messages ?? ''}],"has_more":${count >= limit}}`,
  );
}
