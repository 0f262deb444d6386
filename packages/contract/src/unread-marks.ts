import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { TICKET_PATH, TICKETS_PATH, Ticket } from './tickets.ts';

export const MarkUnread = Type.Object(
  {
    team: Type.Optional(
      Type.Boolean({
        description: 'Also for the whole team: a shared counter of 0 becomes 1. Needs editor access.',
      }),
    ),
  },
  { title: 'MarkUnread' },
);
export type MarkUnread = Static<typeof MarkUnread>;

/** What each agent has unread, beside the counter that the team shares (decisions.md 27). */
export const unreadMarks = {
  markUnread: defineRoute({
    id: 'tickets.mark_unread',
    method: 'POST',
    path: `${TICKET_PATH}unread/`,
    summary: 'Mark a ticket as unread for you, until you read it again',
    credentials: ['ticket:write'],
    project: 'viewer',
    body: MarkUnread,
    form: true,
    responses: { 200: Ticket },
  }),
  count: defineRoute({
    id: 'tickets.personal_unread_count',
    method: 'GET',
    path: `${TICKETS_PATH}personal_unread_count/`,
    summary: 'Count the tickets of yours that you have not read',
    description:
      'Tickets that are assigned to you, that you follow or that you marked as unread, and that are not resolved. ' +
      'Beyond 1000 it says 1000 and `count_capped: true`.',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: {
      200: Type.Object({ count: Type.Integer(), count_capped: Type.Optional(Type.Literal(true)) }),
    },
  }),
};
