import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Nullable, Uuid } from './schemas.ts';

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

/**
 * What a stream says to one user alone, with the event type `personal`: their notifications or their marks changed. It is
 * not stored and has no id: after `ready` everything of this kind is to be fetched.
 */
export const PersonalSignal = Type.Object(
  {
    name: Type.String({ description: 'Such as `notifications.create`.' }),
    ticket_id: Nullable(Uuid),
  },
  { title: 'PersonalSignal' },
);
export type PersonalSignal = Static<typeof PersonalSignal>;

export const stream = {
  events: defineRoute({
    id: 'events.stream',
    method: 'GET',
    path: '/api/projects/:project_id/events/stream/',
    summary: 'Follow the changes of a project (server-sent events)',
    description:
      'Starts with `ready`, whose id is where to resume. Send it back as Last-Event-ID (or `last_event_id`) and nothing ' +
      'between is lost. `reset` means that the place is too old: refetch, then go on from its id. Events without an id are ' +
      'of the moment and never sent again: `presence` (who views and types) and `personal` (your notifications and ' +
      'marks changed). At most 20 streams of one key or user at a time, then 429.',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      last_event_id: Type.Optional(
        Type.String({ description: 'As the header, for clients that cannot set one.' }),
      ),
      client_id: Type.Optional(
        Type.String({ description: 'As in `presence.update`: what it said there ends with this stream.' }),
      ),
    }),
    responses: { 200: StreamEvent },
    stream: true,
  }),
};
