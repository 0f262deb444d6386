import Type, { type Static } from 'typebox';
import { Done, ExternalTicket, ExternalTicketQuery, ExternalTicketUpdate } from './external-tickets.ts';
import { Message } from './messages.ts';
import { defineRoute } from './route.ts';
import { NonBlank } from './schemas.ts';

export const ServiceMessage = Type.Object(
  {
    message: NonBlank(5000),
    is_private: Type.Optional(Type.Boolean()),
    idempotency_key: NonBlank(255, {
      description: 'The same key on the same ticket again answers 200 with the first message.',
    }),
  },
  { title: 'ServiceMessage' },
);
export type ServiceMessage = Static<typeof ServiceMessage>;

const service = {
  path: '/api/projects/:project_id/internal/conversations/tickets/:id',
  credentials: 'service_token',
  project: 'editor',
} as const;

export const internalTickets = {
  retrieve: defineRoute({
    id: 'internal_tickets.retrieve',
    method: 'GET',
    summary: 'Get a ticket, as a service of this installation',
    description: 'Marks nothing as read.',
    ...service,
    query: ExternalTicketQuery,
    responses: { 200: ExternalTicket },
  }),
  update: defineRoute({
    id: 'internal_tickets.update',
    method: 'PATCH',
    summary: 'Change a ticket, as a service of this installation',
    ...service,
    body: ExternalTicketUpdate,
    responses: { 200: Done },
  }),
  postMessage: defineRoute({
    id: 'internal_tickets.post_message',
    method: 'POST',
    summary: 'Write to the customer or the team, as a service of this installation',
    description: 'Posted once per idempotency_key, whatever the text says the second time.',
    ...service,
    body: ServiceMessage,
    responses: { 200: Message, 201: Message },
  }),
};
