import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Nullable, Page, PageQuery, StringEnum } from './schemas.ts';
import { TICKET_PATH } from './tickets.ts';

export const PAGE_EVENT_KINDS = ['page_view', 'exception'] as const;

export const PageEvent = Type.Object(
  {
    kind: StringEnum(PAGE_EVENT_KINDS),
    url: Nullable(Type.String()),
    title: Type.String({ description: 'The title of the page, or type and message of the exception.' }),
    distinct_id: Type.String(),
    created_at: Instant,
  },
  { title: 'PageEvent' },
);
export type PageEvent = Static<typeof PageEvent>;

/** What a customer's browser saw around a ticket. */
export const pageEvents = {
  list: defineRoute({
    id: 'page_events.list',
    method: 'GET',
    path: `${TICKET_PATH}page_events/`,
    summary: 'List the page views and exceptions of a ticket’s session, newest first',
    description:
      'What `posthog-js` reported in the session the ticket was opened in: the last 100 of each kind, kept for 30 days. Pages can report anything; empty for tickets without a session.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object(PageQuery),
    responses: { 200: Page(PageEvent) },
  }),
};
