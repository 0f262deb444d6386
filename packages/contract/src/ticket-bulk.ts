import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Nullable, StringEnum, Uuid } from './schemas.ts';
import { BulkIds, TICKETS_PATH, TicketUpdate, Undo } from './tickets.ts';

const { status, priority, assignee, snoozed_until, tags } = TicketUpdate.properties;

/** inbox.md 3.6. `delete` and `merge_into` each stand alone. */
export const BulkUpdate = Type.Object(
  {
    ids: BulkIds,
    status,
    priority,
    assignee,
    snoozed_until,
    tags,
    tags_mode: Type.Optional(StringEnum(['add', 'set', 'remove'], { description: 'Default add.' })),
    delete: Type.Optional(Type.Literal(true)),
    merge_into: Type.Optional(Uuid),
    allow_different_customers: Type.Optional(Type.Boolean()),
  },
  { title: 'BulkUpdate' },
);
export type BulkUpdate = Static<typeof BulkUpdate>;

const Skipped = Type.Object(
  {
    id: Uuid,
    code: Type.String({ description: '`not_found`, `unchanged`, or the code of an error.' }),
    detail: Type.String(),
  },
  { title: 'SkippedTicket' },
);

const write = { credentials: ['ticket:write'], project: 'editor', form: true } as const;

export const ticketBulk = {
  update: defineRoute({
    id: 'tickets.bulk_update',
    method: 'POST',
    path: `${TICKETS_PATH}bulk_update/`,
    summary: 'Assign, snooze, set, tag, delete or merge up to 500 tickets',
    description:
      'A ticket that cannot be changed is skipped with its reason and does not stop the others. `undo` takes the action back within 24 hours.',
    ...write,
    idempotent: true,
    body: BulkUpdate,
    responses: {
      200: Type.Object({
        updated: Type.Integer(),
        ids: Type.Array(Uuid),
        skipped: Type.Array(Skipped),
        undo: Nullable(Undo),
      }),
    },
    mcpTool: 'conversations-tickets-bulk-update',
  }),
  undo: defineRoute({
    id: 'tickets.undo_bulk_update',
    method: 'POST',
    path: `${TICKETS_PATH}bulk_update/undo/`,
    summary: 'Take your own bulk action back',
    description:
      'Only what still is as the action left it: a field that was changed since stays, and its ticket is listed in `skipped`.',
    ...write,
    body: Type.Object({ undo_id: Uuid }),
    responses: {
      200: Type.Object({
        updated: Type.Integer(),
        ids: Type.Array(Uuid),
        skipped: Type.Array(
          Type.Object({ ...Skipped.properties, fields: Type.Array(Type.String()) }, { title: 'NotUndone' }),
        ),
      }),
    },
    mcpTool: 'conversations-tickets-bulk-update-undo',
  }),
};
