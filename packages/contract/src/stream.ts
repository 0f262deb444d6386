import Type from 'typebox';
import { defineRoute } from './route.ts';
import { Nullable } from './schemas.ts';

/** What a stream says of a change: refetch what is older than `version`. */
export const StreamEvent = Type.Object(
  {
    seq: Type.Integer({ description: 'Dense number of the event in its project; also the SSE id.' }),
    name: Type.String(),
    id: Type.String({ description: 'What changed.' }),
    version: Type.Integer(),
    ticket_id: Nullable(Type.String()),
  },
  { title: 'StreamEvent' },
);

export const stream = {
  events: defineRoute({
    id: 'events.stream',
    method: 'GET',
    path: '/api/projects/:project_id/events/stream/',
    summary: 'Follow the changes of a project (server-sent events)',
    description:
      'Starts with `ready`, whose id is where to resume. Send it back as Last-Event-ID (or `last_event_id`) and nothing ' +
      'between is lost. `reset` means that the place is too old: refetch, then go on from its id.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      last_event_id: Type.Optional(
        Type.String({ description: 'As the header, for clients that cannot set one.' }),
      ),
    }),
    responses: { 200: StreamEvent },
    stream: true,
  }),
};
