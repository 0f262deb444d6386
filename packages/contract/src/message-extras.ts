import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { NonBlank, StringEnum } from './schemas.ts';
import { TICKET_PATH } from './tickets.ts';

export const AiFeedback = Type.Object(
  {
    message_id: NonBlank(200),
    rating: StringEnum(['good', 'bad']),
    feedback_text: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { title: 'AiFeedback' },
);
export type AiFeedback = Static<typeof AiFeedback>;

export const messageExtras = {
  fullEmail: defineRoute({
    id: 'messages.full_email',
    method: 'GET',
    path: `${TICKET_PATH}messages/:message_id/full_email/`,
    summary: 'Get an e-mail as it came, with all that it quotes',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: Type.Object({ content: Type.String() }) },
  }),
  aiFeedback: defineRoute({
    id: 'tickets.ai_feedback',
    method: 'POST',
    path: `${TICKET_PATH}ai_feedback/`,
    summary: 'Say whether what the AI wrote was good',
    description: 'Rating the same message again replaces your rating.',
    credentials: ['ticket:write'],
    project: 'editor',
    body: AiFeedback,
    form: true,
    idempotent: true,
    responses: { 202: null },
  }),
};
