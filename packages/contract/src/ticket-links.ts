import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Nullable, Page, PageQuery, StringEnum, Uuid } from './schemas.ts';
import { CHANNEL_SOURCES, TICKET_PATH, TICKET_PRIORITIES, TICKET_STATUSES } from './tickets.ts';

/** What may be linked by hand; `merged` and `split` come with their operations. */
export const LINK_KINDS = ['related', 'duplicate', 'parent', 'child', 'follow_up', 'maybe_related'] as const;
/** On one ticket. */
export const TICKET_LINKS_MAX = 200;
const SHOWN_KINDS = [...LINK_KINDS, 'merged', 'split'] as const;

export const TicketLink = Type.Object(
  {
    id: Uuid,
    kind: StringEnum(SHOWN_KINDS, {
      description: 'What the linked ticket is to this one. `parent` here is `child` there.',
    }),
    direction: StringEnum(['outgoing', 'incoming'], {
      description:
        'outgoing: this ticket was merged into, split from, follows up on or duplicates the linked one.',
    }),
    ticket: Type.Object(
      {
        id: Uuid,
        ticket_number: Type.Integer(),
        status: StringEnum(TICKET_STATUSES),
        priority: Nullable(StringEnum(TICKET_PRIORITIES)),
        channel_source: StringEnum(CHANNEL_SOURCES),
        email_subject: Nullable(Type.String()),
        last_message_at: Nullable(Instant),
        last_message_text: Nullable(Type.String()),
      },
      { title: 'LinkedTicket' },
    ),
    created_by: Nullable(Type.Integer({ description: 'User id.' })),
    created_at: Instant,
  },
  { title: 'TicketLink' },
);
export type TicketLink = Static<typeof TicketLink>;

export const TicketLinkCreate = Type.Object(
  {
    ticket: Type.Unsafe<string | number>({
      type: ['string', 'integer'],
      description: 'The other ticket: its uuid or number.',
    }),
    kind: StringEnum(LINK_KINDS),
  },
  { title: 'TicketLinkCreate' },
);
export type TicketLinkCreate = Static<typeof TicketLinkCreate>;

const LINKS_PATH = `${TICKET_PATH}links/` as const;
const write = { credentials: ['ticket:write'], project: 'editor' } as const;

export const ticketLinks = {
  list: defineRoute({
    id: 'ticket_links.list',
    method: 'GET',
    path: LINKS_PATH,
    summary: 'List the tickets linked to a ticket, newest link first',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object(PageQuery),
    responses: { 200: Page(TicketLink) },
  }),
  create: defineRoute({
    id: 'ticket_links.create',
    method: 'POST',
    path: LINKS_PATH,
    summary: 'Link two tickets',
    description: 'A ticket has one parent at most. The same link twice is 400 `unique`.',
    ...write,
    form: true,
    idempotent: true,
    body: TicketLinkCreate,
    responses: { 201: TicketLink },
  }),
  delete: defineRoute({
    id: 'ticket_links.delete',
    method: 'DELETE',
    path: `${LINKS_PATH}:link_id/`,
    summary: 'Remove a link',
    description: 'That of a merge goes with `tickets.unmerge`.',
    ...write,
    responses: { 204: null },
  }),
};
