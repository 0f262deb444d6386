import { ApiError } from '#platform/api-error.ts';

/** Refusals of widget.md 5.7 that have no field: the text is the whole answer. */
function refuse(code: 'permission_denied' | 'invalid_input' | 'not_found', text: string): ApiError {
  return new ApiError(code, text, { body: { error: text } });
}

/** The same for whatever is not theirs, so that nobody learns why. */
export function notYours(): ApiError {
  return refuse('permission_denied', 'Forbidden');
}

export function notAllowed(text: string): ApiError {
  return refuse('permission_denied', text);
}

export function noSuchTicket(): ApiError {
  return refuse('not_found', 'Ticket not found');
}

export function badRequest(text: string): ApiError {
  return refuse('invalid_input', text);
}

/** What is wrong with several fields together. */
export function badFields(text: string): ApiError {
  const body = { error: 'Invalid request data', details: { non_field_errors: [text] } };
  return new ApiError('invalid_input', text, { body });
}
