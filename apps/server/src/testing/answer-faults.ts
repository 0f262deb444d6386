import {
  ERROR_CODES,
  type ErrorBody,
  type PlainErrorBody,
  type WidgetErrorBody,
} from '@parley/contract/errors';
import type { RouteDeclaration } from '@parley/contract/route';
import { assertValid } from '#platform/http/validator.ts';
import type { BadValue } from './bad-values.ts';
import type { Place } from './json-schema.ts';
import type { TestResponse } from './test-app.ts';

/** Longer than any sentence of ours, and shorter than what was sent. */
const LONGEST_DETAIL = 300;
/** Words of how the server is made. */
const INSIDES = /node_modules|\.ts:|\bstack\b|FST_|\bsyntax\b|relation "|violates/i;

/** What is wrong with an answer as such: nothing that its route declares, or a failure. Undefined when nothing is. */
export function undocumented(route: RouteDeclaration, answer: TestResponse<unknown>): string | undefined {
  const said = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (answer.status < 300) return isDeclared(route, answer) ? undefined : `not declared: ${said}`;
  if (answer.status < 400 || answer.status >= 500) return `a failure: ${said}`;
  if (INSIDES.test(answer.text)) return `tells how it is made: ${said}`;
  return isError(route, answer) ? undefined : `no error of the contract: ${said}`;
}

function isDeclared(
  { responses }: RouteDeclaration,
  { status, body, headers, text }: TestResponse<unknown>,
): boolean {
  if (!(status in responses)) return false;
  const schema = responses[status];
  if (!schema) return text === '';
  if (!String(headers['content-type']).startsWith('application/json')) return true;
  try {
    assertValid(schema, body);
    return true;
  } catch {
    return false;
  }
}

/** The form of errors of the route, and the status that its code has. */
function isError({ errors }: RouteDeclaration, { status, body }: TestResponse<unknown>): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (errors === 'plain' || (errors === 'widget' && 'error' in body)) return 'error' in body;
  const { type, code, detail, attr } = body as ErrorBody;
  const known = Object.entries(ERROR_CODES).find(([name]) => name === code)?.[1];
  const isSentence = /^\S.*\.$/s.test(detail) && detail.length <= LONGEST_DETAIL;
  return known?.type === type && known.status === status && isSentence && isAttr(attr);
}

function isAttr(attr: unknown): boolean {
  return attr === null || (typeof attr === 'string' && attr.length <= LONGEST_DETAIL);
}

/** What is wrong with the answer to a bad value: all of the above, or an error that does not name its field. */
export function faultOf(
  route: RouteDeclaration,
  { at, code }: Pick<BadValue, 'at' | 'code'>,
  answer: TestResponse<unknown>,
): string | undefined {
  const fault = undocumented(route, answer);
  if (fault !== undefined || (code === undefined && answer.status !== 400)) return fault;
  const said = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (answer.status !== 400) return `is not refused: ${said}`;
  const attr = fieldOf(route, answer.body);
  const isNamed = code === undefined ? attr?.split('__')[0] === at[0] : attr === attrOf(route, at);
  // Some fields of a visitor are wrong only together, and some texts are the whole answer (widget.md 5.7).
  const isWhole = route.errors === 'widget' && (attr ?? 'non_field_errors') === 'non_field_errors';
  if (!isNamed && !isWhole) return `names another field: ${said}`;
  if (code === undefined) return undefined;
  const given = (answer.body as Partial<ErrorBody>).code ?? code;
  return given === code ? undefined : `is not ${code}: ${said}`;
}

/** The field an error names; null when it names none. */
export function fieldOf({ errors }: RouteDeclaration, body: unknown): string | null {
  if (errors === 'widget') return Object.keys((body as Partial<WidgetErrorBody>).details ?? {})[0] ?? null;
  if (errors !== 'plain') return (body as ErrorBody).attr;
  const { error } = body as PlainErrorBody;
  return typeof error === 'string' ? null : (Object.keys(error)[0] ?? null);
}

/** How an error names a place of the body. Errors of another form than the usual name its field alone. */
function attrOf({ errors }: RouteDeclaration, at: Place): string | null {
  if (at.length === 0) return null;
  return errors === undefined ? at.join('__') : (at[0] ?? null);
}
