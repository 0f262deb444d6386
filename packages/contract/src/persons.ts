import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { JsonObject, NonBlank, Page, PageQuery } from './schemas.ts';
import { TicketPerson } from './tickets.ts';

export const PERSONS_PATH = '/api/projects/:project_id/persons/';

/** Longest serialised properties of one request, in characters. */
export const PERSON_PROPERTIES_MAX = 100_000;

const DistinctId = NonBlank(400);

export const PersonUpsert = Type.Object(
  {
    distinct_id: DistinctId,
    distinct_ids: Type.Optional(
      Type.Array(DistinctId, { maxItems: 100, description: 'Other ids of the same person.' }),
    ),
    properties: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        ...JsonObject,
        description: 'Laid over the stored ones key by key; at most 100,000 characters serialised.',
      }),
    ),
    is_identified: Type.Optional(Type.Boolean()),
  },
  { title: 'PersonUpsert' },
);
export type PersonUpsert = Static<typeof PersonUpsert>;

const text = (description: string) => Type.Optional(Type.String({ description }));

export const PersonListQuery = Type.Object({
  ...PageQuery,
  search: text('Found in the values of the properties. Up to 200 characters.'),
  distinct_id: text('The person with exactly this id.'),
  email: text('Exactly this address; ignores case.'),
});
export type PersonListQuery = Static<typeof PersonListQuery>;

export const persons = {
  list: defineRoute({
    id: 'persons.list',
    method: 'GET',
    path: PERSONS_PATH,
    summary: 'List persons, newest first',
    credentials: ['ticket:read'],
    project: 'viewer',
    query: PersonListQuery,
    responses: { 200: Page(TicketPerson) },
  }),
  upsert: defineRoute({
    id: 'persons.upsert',
    method: 'POST',
    path: PERSONS_PATH,
    summary: 'Create a person, or add to the one with this distinct id',
    description:
      'Distinct ids of different persons make these one, the oldest; where properties differ, those of the person with distinct_id count.',
    credentials: ['ticket:write'],
    project: 'editor',
    body: PersonUpsert,
    idempotent: true,
    responses: { 200: TicketPerson, 201: TicketPerson },
  }),
  retrieve: defineRoute({
    id: 'persons.retrieve',
    method: 'GET',
    path: `${PERSONS_PATH}:id/`,
    summary: 'Get a person by uuid',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: TicketPerson },
  }),
};
