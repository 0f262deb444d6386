import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { VIEWS_PATH } from './views.ts';

/** Most views counted in one call; further ids are left out. */
export const VIEW_COUNTS_MAX = 50;

export const ViewCount = Type.Object(
  {
    short_id: Type.String(),
    count: Type.Integer({ description: 'As the list of tickets counts with this view.' }),
    count_capped: Type.Boolean({ description: 'There are more than `count`.' }),
    unread: Type.Optional(
      Type.Integer({
        description:
          'Unread messages in these tickets; only where the view filters by nothing but status, priority, channel, assignee, snoozed and one tag.',
      }),
    ),
  },
  { title: 'ViewCount' },
);
export type ViewCount = Static<typeof ViewCount>;

export const viewCounts = {
  counts: defineRoute({
    id: 'views.counts',
    method: 'GET',
    path: `${VIEWS_PATH}counts/`,
    summary: 'Count the tickets of several views',
    description:
      'Views that do not exist, or that you cannot see, are left out. Counts over status, priority, channel, assignee, snoozed and one tag are of this moment; others may be five seconds old.',
    credentials: ['conversation:read', 'ticket:read'],
    project: 'viewer',
    query: Type.Object({
      ids: Type.Optional(
        Type.String({
          description: `Short ids of views, separated by commas; the first ${VIEW_COUNTS_MAX}.`,
        }),
      ),
    }),
    responses: { 200: Type.Object({ results: Type.Array(ViewCount) }) },
    mcpTool: 'conversations-views-counts',
  }),
};
