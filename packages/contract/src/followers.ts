import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, Nullable, Page, PageQuery } from './schemas.ts';
import { TICKET_PATH } from './tickets.ts';

export const Follower = Type.Object(
  {
    user: BasicUser,
    added_by: Nullable(Type.Integer({ description: 'User id.' })),
    created_at: Instant,
  },
  { title: 'Follower' },
);
export type Follower = Static<typeof Follower>;

export const FollowerAdd = Type.Object(
  { user_id: Type.Optional(Type.Integer({ description: 'Default: you.' })) },
  { title: 'FollowerAdd' },
);
export type FollowerAdd = Static<typeof FollowerAdd>;

const FOLLOWERS_PATH = `${TICKET_PATH}followers/` as const;
const write = { credentials: ['ticket:write'], project: 'viewer' } as const;

export const followers = {
  list: defineRoute({
    id: 'followers.list',
    method: 'GET',
    path: FOLLOWERS_PATH,
    summary: 'List who follows a ticket, longest first',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object(PageQuery),
    responses: { 200: Page(Follower) },
  }),
  add: defineRoute({
    id: 'followers.add',
    method: 'POST',
    path: FOLLOWERS_PATH,
    summary: 'Follow a ticket, or have a member follow it',
    description: '200 for who follows it already. Without edit access only yourself.',
    ...write,
    form: true,
    idempotent: true,
    body: FollowerAdd,
    responses: { 200: Follower, 201: Follower },
  }),
  remove: defineRoute({
    id: 'followers.remove',
    method: 'DELETE',
    path: `${FOLLOWERS_PATH}:user_id/`,
    summary: 'Stop following a ticket; `@me` is you',
    description: 'Without edit access only yourself.',
    ...write,
    responses: { 204: null },
  }),
};
