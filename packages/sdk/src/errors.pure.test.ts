import { expect, expectTypeOf, it } from 'vitest';
import {
  AuthenticationError,
  ConflictError,
  errorFromAnswer,
  InvalidRequestError,
  isParleyError,
  NotFoundError,
  ParleyConnectionError,
  ParleyError,
  PermissionError,
  ServerError,
  ThrottledError,
} from './errors.ts';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  errorFromAnswer(new Response(null, { status, headers }), body);

it.each([
  [400, InvalidRequestError],
  [401, AuthenticationError],
  [403, PermissionError],
  [404, NotFoundError],
  [405, InvalidRequestError],
  [409, ConflictError],
  [413, InvalidRequestError],
  [429, ThrottledError],
  [500, ServerError],
  [503, ServerError],
])('status %i has a class of its own family', (status, family) => {
  const error = answer(status, { code: 'conflict', detail: 'No.' });
  expect(error).toBeInstanceOf(family);
  expect(error).toBeInstanceOf(ParleyError);
  expect(error).toMatchObject({ status, name: family.name, code: 'conflict' });
});

it('is asked for by its code', () => {
  const error: unknown = answer(409, { code: 'reply_in_progress', detail: 'Wait.' });
  expect(isParleyError(error)).toBe(true);
  expect(isParleyError(error, 'conflict', 'reply_in_progress')).toBe(true);
  expect(isParleyError(error, 'conflict')).toBe(false);
  // @ts-expect-error not a code that this version knows
  expect(isParleyError(error, 'conflicted')).toBe(false);
  for (const other of [
    new ParleyConnectionError('away'),
    new Error('no'),
    'reply_in_progress',
    null,
    undefined,
  ]) {
    expect(isParleyError(other)).toBe(false);
  }
  if (isParleyError(error)) expectTypeOf(error).toEqualTypeOf<ParleyError>();
});

it('reads the form of routes for other systems, and answers that are no errors of Parley', () => {
  expect(answer(404, { error: 'Ticket not found' })).toMatchObject({
    detail: 'Ticket not found',
    code: 'unknown_error',
  });
  expect(answer(502, '<html>').detail).toBe('The server answered 502 without the details of an error.');
});

it('reads both forms of Retry-After', () => {
  expect(answer(429, {}, { 'retry-after': '7' }).retryAfter).toBe(7);
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  expect(answer(429, {}, { 'retry-after': inAMinute }).retryAfter).toBeGreaterThan(50);
  expect(answer(429, {}, { 'retry-after': 'soon' }).retryAfter).toBeUndefined();
});
