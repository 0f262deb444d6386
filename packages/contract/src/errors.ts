import Type, { type Static } from 'typebox';
import { AnyJson, Nullable } from './schemas.ts';

/** Every code an error answer may carry, with its status and type (tickets-api.md 1.4, family A). */
export const ERROR_CODES = {
  required: { status: 400, type: 'validation_error' },
  blank: { status: 400, type: 'validation_error' },
  null: { status: 400, type: 'validation_error' },
  invalid_choice: { status: 400, type: 'validation_error' },
  max_length: { status: 400, type: 'validation_error' },
  min_length: { status: 400, type: 'validation_error' },
  max_value: { status: 400, type: 'validation_error' },
  min_value: { status: 400, type: 'validation_error' },
  empty: { status: 400, type: 'validation_error' },
  does_not_exist: { status: 400, type: 'validation_error' },
  unique: { status: 400, type: 'validation_error' },
  null_characters_not_allowed: { status: 400, type: 'validation_error' },
  invalid_input: { status: 400, type: 'validation_error' },
  support_disabled: { status: 400, type: 'validation_error' },
  email_disabled: { status: 400, type: 'validation_error' },
  no_public_messages: { status: 400, type: 'validation_error' },
  not_private_note: { status: 400, type: 'validation_error' },
  same_ticket: { status: 400, type: 'validation_error' },
  different_customers: { status: 400, type: 'validation_error' },
  cannot_move_all: { status: 400, type: 'validation_error' },
  merged_message: { status: 400, type: 'validation_error' },
  parse_error: { status: 400, type: 'invalid_request' },
  not_authenticated: { status: 401, type: 'authentication_error' },
  authentication_failed: { status: 401, type: 'authentication_error' },
  permission_denied: { status: 403, type: 'authentication_error' },
  not_note_author: { status: 403, type: 'invalid_request' },
  not_comment_author: { status: 403, type: 'invalid_request' },
  ai_not_approved: { status: 403, type: 'invalid_request' },
  not_found: { status: 404, type: 'invalid_request' },
  note_not_found: { status: 404, type: 'invalid_request' },
  full_email_not_found: { status: 404, type: 'invalid_request' },
  method_not_allowed: { status: 405, type: 'invalid_request' },
  conflict: { status: 409, type: 'invalid_request' },
  already_merged: { status: 409, type: 'invalid_request' },
  target_merged: { status: 409, type: 'invalid_request' },
  merge_limit: { status: 409, type: 'invalid_request' },
  not_merged: { status: 409, type: 'invalid_request' },
  draft_conflict: { status: 409, type: 'invalid_request' },
  already_sent: { status: 409, type: 'invalid_request' },
  reply_in_progress: { status: 409, type: 'invalid_request' },
  compose_in_progress: { status: 409, type: 'invalid_request' },
  idempotency_key_in_use: { status: 409, type: 'invalid_request' },
  idempotency_key_reused: { status: 409, type: 'invalid_request' },
  request_too_large: { status: 413, type: 'invalid_request' },
  unsupported_media_type: { status: 415, type: 'invalid_request' },
  throttled: { status: 429, type: 'throttled_error' },
  error: { status: 500, type: 'server_error' },
  // The two published failures of tickets.suggest_reply (decisions.md 5 and 10).
  validation_error: { status: 500, type: 'invalid_request' },
  unknown_error: { status: 500, type: 'invalid_request' },
  not_ready: { status: 503, type: 'server_error' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one form of an error answer. `error_type` repeats the code where the published API names one. */
export const ErrorBody = Type.Object(
  {
    type: Type.String(),
    code: Type.String(),
    detail: Type.String(),
    attr: Nullable(Type.String()),
    error_type: Type.Optional(Type.String()),
    current: Type.Optional(
      Type.Unsafe<unknown>({
        ...AnyJson,
        description: 'With some conflicts: the thing as it is now, or null.',
      }),
    ),
  },
  { title: 'Error' },
);

export type ErrorBody = Static<typeof ErrorBody>;

/** The form of errors on routes that other systems call (tickets-api.md 1.4, family C). */
export const PlainErrorBody = Type.Object(
  {
    error: Type.Unsafe<string | Record<string, string[]>>({
      description: 'What is wrong, or for each field at fault a list of what is wrong with it.',
    }),
  },
  { title: 'PlainError' },
);

export type PlainErrorBody = Static<typeof PlainErrorBody>;

/** The form of errors on the routes of the widget, where it is not the one of all others (widget.md 5.7). */
export const WidgetErrorBody = Type.Object(
  {
    error: Type.String(),
    details: Type.Optional(
      Type.Unsafe<Record<string, string[]>>({
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'string' } },
        description: 'For each field at fault a list of what is wrong with it.',
      }),
    ),
  },
  { title: 'WidgetError' },
);

export type WidgetErrorBody = Static<typeof WidgetErrorBody>;
