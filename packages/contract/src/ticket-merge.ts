import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { NonBlank, Nullable, Uuid } from './schemas.ts';
import { TICKET_PATH, Ticket, TicketCreate } from './tickets.ts';

/** Tickets whose threads one ticket shows, merged ones of merged ones included. */
export const MERGED_MAX = 100;
/** Messages moved by one split. */
export const SPLIT_MAX = 500;

const MergeMessage = Type.Optional(
  Type.Object(
    {
      message: NonBlank(5000),
      is_private: Type.Optional(
        Type.Boolean({ description: 'Default true: a note. false sends it to the customer.' }),
      ),
    },
    { title: 'MergeMessage' },
  ),
);

export const MergeBody = Type.Object(
  {
    target: Type.Unsafe<string | number>({
      type: ['string', 'integer'],
      description: 'The ticket that stays: its uuid or number.',
    }),
    allow_different_customers: Type.Optional(Type.Boolean()),
    source_message: MergeMessage,
    target_message: MergeMessage,
  },
  { title: 'Merge' },
);
export type MergeBody = Static<typeof MergeBody>;

export const SplitBody = Type.Object(
  {
    message_ids: Type.Array(Uuid, { minItems: 1, maxItems: SPLIT_MAX }),
    email_subject: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
    tags: TicketCreate.properties.tags,
  },
  { title: 'Split' },
);
export type SplitBody = Static<typeof SplitBody>;

const write = { credentials: ['ticket:write'], project: 'editor', form: true } as const;

export const ticketMerge = {
  merge: defineRoute({
    id: 'tickets.merge',
    method: 'POST',
    path: `${TICKET_PATH}merge/`,
    summary: 'Merge a ticket into another one, where its thread goes on',
    description:
      'The ticket of the path is resolved, assigned to you and linked to the target, which shows the messages of both, takes the tags, and has a customer with another address as a CC participant. What is written to it from then on goes to the target. Answers with the merged ticket.',
    ...write,
    idempotent: true,
    // It may carry messages to two customers.
    rateLimit: 'reply',
    body: MergeBody,
    responses: { 200: Ticket },
  }),
  unmerge: defineRoute({
    id: 'tickets.unmerge',
    method: 'POST',
    path: `${TICKET_PATH}unmerge/`,
    summary: 'Take the merge of a ticket back',
    description:
      'Both threads are as before, at any time later. Status, assignee and snooze come back where nobody changed them since.',
    ...write,
    responses: { 200: Ticket },
  }),
  split: defineRoute({
    id: 'tickets.split',
    method: 'POST',
    path: `${TICKET_PATH}split/`,
    summary: 'Move messages to a new ticket of the same customer',
    description: 'Their ids and dates stay. The two tickets are linked. At least one message stays behind.',
    ...write,
    idempotent: true,
    body: SplitBody,
    responses: { 201: Ticket },
  }),
};
