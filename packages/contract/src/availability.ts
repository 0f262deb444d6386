import Type, { type Static } from 'typebox';
import { BasicUser } from './people.ts';
import { defineRoute } from './route.ts';
import { Instant, Nullable } from './schemas.ts';

const AVAILABILITY_PATH = '/api/organizations/:organization_id/conversations/availability/';

/** tickets-api.md 4.3. */
export const Availability = Type.Object(
  {
    user: BasicUser,
    is_available: Type.Boolean(),
    changed_by: Nullable(BasicUser),
    updated_at: Instant,
  },
  { title: 'Availability' },
);
export type Availability = Static<typeof Availability>;

export const availability = {
  list: defineRoute({
    id: 'availability.list',
    method: 'GET',
    path: AVAILABILITY_PATH,
    summary: 'List the agents whose availability was ever set; all others are available',
    credentials: ['ticket:read'],
    organization: 'member',
    responses: { 200: Type.Array(Availability) },
  }),
  update: defineRoute({
    id: 'availability.update',
    method: 'PUT',
    path: `${AVAILABILITY_PATH}:user_id/`,
    summary: 'Say whether you are available; admins also say it of others',
    description: 'For all projects of the organization. Tickets stay with whom they are assigned to.',
    credentials: ['ticket:write'],
    organization: 'member',
    body: Type.Object({ is_available: Type.Boolean() }, { title: 'AvailabilityUpdate' }),
    responses: { 200: Type.Object({ user_id: Type.Integer(), is_available: Type.Boolean() }) },
  }),
};
