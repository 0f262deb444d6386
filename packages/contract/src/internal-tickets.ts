import Type, { type Static } from 'typebox';
import { Done, ExternalTicket, ExternalTicketQuery, ExternalTicketUpdate } from './external-tickets.ts';
import { Message } from './messages.ts';
import { defineRoute } from './route.ts';
import { NonBlank, Nullable, StringEnum } from './schemas.ts';

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

export const WorkflowEmail = Type.Object(
  {
    recipient_email: Type.String({ format: 'email', maxLength: 254 }),
    email_subject: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
    message: NonBlank(50_000, { description: 'Its text.' }),
    idempotency_key: NonBlank(255, {
      description: 'Such as its Message-ID. The same key in the project again answers `existing`.',
    }),
    ticket_id: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'The ticket it is about. A token for one ticket says so too.',
      }),
    ),
  },
  { title: 'WorkflowEmail' },
);
export type WorkflowEmail = Static<typeof WorkflowEmail>;

export const Captured = Type.Object(
  {
    status: StringEnum(['created', 'existing', 'skipped_disabled', 'skipped_unmatched'], {
      description: 'A skipped one is not remembered: it may be sent again.',
    }),
  },
  { title: 'Captured' },
);
export type Captured = Static<typeof Captured>;

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
  captureEmail: defineRoute({
    ...service,
    id: 'internal_tickets.capture_email',
    method: 'POST',
    path: '/api/projects/:project_id/internal/conversations/workflow_emails',
    summary: 'Put an e-mail that a workflow sent by itself into the thread of its customer',
    description:
      'It goes to the named ticket, if the recipient is its customer, else to the unresolved one of that customer that was last active. It is not sent again and changes no status and no unread count.',
    body: WorkflowEmail,
    responses: { 200: Captured, 201: Captured },
  }),
};
