import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Nullable, StringEnum, Uuid } from './schemas.ts';
import { TICKET_PATH, TICKETS_PATH } from './tickets.ts';

/** From the least to the most that somebody does. `replying`: has an answer open, and is not typing right now. */
export const PRESENCE_STATES = ['viewing', 'replying', 'typing'] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

/** How long somebody is there without saying so again. */
export const PRESENCE_MS = 30_000;
/** Tickets that one request may ask about. */
export const PRESENCE_TICKETS_MAX = 100;

export const PresenceActor = Type.Object(
  {
    kind: StringEnum(['user', 'customer']),
    user_id: Nullable(Type.Integer({ description: 'Null for the customer.' })),
    name: Type.String(),
  },
  { title: 'PresenceActor' },
);
export type PresenceActor = Static<typeof PresenceActor>;

export const Presence = Type.Object(
  {
    ticket_id: Uuid,
    actor: PresenceActor,
    state: StringEnum(PRESENCE_STATES),
    since: Instant,
    expires_at: Instant,
  },
  { title: 'Presence' },
);
export type Presence = Static<typeof Presence>;

/** What a stream says with the event type `presence`: it is not stored, and has no id to resume from. */
export const PresenceSignal = Type.Object(
  { ticket_id: Uuid, actor: PresenceActor, state: StringEnum([...PRESENCE_STATES, 'gone']) },
  { title: 'PresenceSignal' },
);
export type PresenceSignal = Static<typeof PresenceSignal>;

/** Tells windows of one user apart. */
export const ClientId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });

export const PresenceUpdate = Type.Object(
  {
    state: StringEnum([...PRESENCE_STATES, 'gone']),
    client_id: Type.Optional(
      Type.String({
        ...ClientId,
        description:
          'Which of your windows. With the same `client_id` on its event stream, it is gone when that closes.',
      }),
    ),
  },
  { title: 'PresenceUpdate' },
);
export type PresenceUpdate = Static<typeof PresenceUpdate>;

const list = Type.Object({ results: Type.Array(Presence) });
const PRESENCE_PATH = `${TICKET_PATH}presence/` as const;

export const presence = {
  update: defineRoute({
    id: 'presence.update',
    method: 'PUT',
    path: PRESENCE_PATH,
    summary: 'Say that you view a ticket, write or type an answer, or are gone',
    description:
      'Say it again every 10 to 20 seconds: after 30 you are gone. Answers who is there. Streams of the project tell it ' +
      'as `presence`.',
    credentials: ['ticket:write'],
    project: 'viewer',
    body: PresenceUpdate,
    responses: { 200: list },
  }),
  list: defineRoute({
    id: 'presence.list',
    method: 'GET',
    path: PRESENCE_PATH,
    summary: 'List who views a ticket and who types',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: list },
  }),
  listMany: defineRoute({
    id: 'presence.list_many',
    method: 'GET',
    path: `${TICKETS_PATH}presence/`,
    summary: 'List who views which of several tickets and who types',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      tickets: Type.String({ description: `Up to ${PRESENCE_TICKETS_MAX} uuids, by comma.` }),
    }),
    responses: { 200: list },
  }),
};
