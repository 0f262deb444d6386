import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, IntegerText, JsonObject, Nullable, Uuid } from './schemas.ts';

export const ACTOR_TYPES = ['user', 'system', 'external', 'customer'] as const;

/** As `tickets.activity` shows it, with the ticket it is about. */
export const ProjectActivity = Type.Object(
  {
    id: Uuid,
    activity: Type.String(),
    detail: JsonObject,
    actor: JsonObject,
    created_at: Instant,
    ticket_id: Uuid,
    ticket_number: Nullable(Type.Integer({ description: 'Null once the ticket is purged.' })),
  },
  { title: 'ProjectActivity' },
);
export type ProjectActivity = Static<typeof ProjectActivity>;

const text = (description: string) => Type.Optional(Type.String({ description }));

/** A log is paged along its order and never counted: `next` leads to what is older. */
export const LogQuery = {
  date_from: text('At or after: a date, a datetime, or relative such as `-7d`.'),
  date_to: text('At or before; the same forms.'),
  cursor: text('Position from a `next` link.'),
  limit: Type.Optional(IntegerText({ description: 'Page size, default 100, at most 1000.' })),
};

export const activities = {
  list: defineRoute({
    id: 'activities.list',
    method: 'GET',
    path: '/api/projects/:project_id/conversations/activities/',
    summary: 'List what was done to the tickets of a project, newest first',
    description: 'Filters combine; a value that is none answers 400. `next` is null on the last page.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      ticket: text('uuid or number of a ticket.'),
      activity: text('created, updated, assigned, deleted, restored, purged, merged and so on.'),
      field: text('Entries that changed this field: status, priority, assignee, tag, sla_due_at and so on.'),
      user: text('What a user did: an id, or `me`.'),
      actor_type: text(`${ACTOR_TYPES.join(', ')}.`),
      ...LogQuery,
    }),
    responses: {
      200: Type.Object({ next: Nullable(Type.String()), results: Type.Array(ProjectActivity) }),
    },
  }),
};
