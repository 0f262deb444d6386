import type { JsonSchema } from '@parley/contract/openapi/json-schema';
import { type ApiRequest, wrongArgument } from './api.ts';
import { type Arguments, KEY_ARGUMENT, type Tool } from './tool.ts';

/** Longer than any list of ids a query may hold, and short enough for the first line of a request. */
const MAX_TEXT = 8000;
const MAX_SEGMENT = 500;

/**
 * Sorts the arguments of a tool into the request they make. Names, and what stands in path and query, are checked here:
 * the API drops a filter it does not understand, and a model would take the whole list for the answer. The body is the
 * API's to check.
 */
export function toRequest(tool: Tool, given: Arguments): Omit<ApiRequest, 'signal'> {
  const { properties, required } = tool.inputSchema;
  const params: Record<string, string> = {};
  const query: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name)) {
      throw wrongArgument(
        name,
        `There is no such argument. There are ${Object.keys(properties).join(', ')}.`,
      );
    }
  }
  // In a body null and '' are values, and the API's to judge.
  const isMissing = (name: string) =>
    given[name] === undefined ||
    (tool.places.get(name) !== 'body' && (given[name] === null || given[name] === ''));
  const missing = required.find(isMissing);
  if (missing !== undefined) throw wrongArgument(missing, 'This argument is required.', 'required');
  for (const [name, value] of Object.entries({ ...tool.shape.defaults, ...given, ...tool.shape.fixed })) {
    const place = tool.places.get(name);
    if (place === 'body') body[name] = value;
    else if (value !== undefined && value !== null) {
      if (place === 'path') params[name] = segment(name, value);
      if (place === 'query') query[name] = queryText(name, properties[name] ?? {}, value);
    }
  }
  const { [KEY_ARGUMENT]: key } = given;
  return {
    params,
    query,
    ...(tool.route.body ? { body } : {}),
    ...(key === undefined || key === null ? {} : { idempotencyKey: keyText(key) }),
  };
}

function segment(name: string, value: unknown): string {
  const text = scalar(name, value);
  // A dot segment would be resolved, and name another operation.
  if (['', '.', '..'].includes(text) || text.length > MAX_SEGMENT)
    throw wrongArgument(name, 'It names nothing.');
  return text;
}

function scalar(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw wrongArgument(name, 'It is text or a number.');
  // Half of a character can't be written into an address.
  return String(value).toWellFormed();
}

function queryText(name: string, schema: JsonSchema, value: unknown): string {
  const text = scalar(name, value);
  const maxLength = typeof schema.maxLength === 'number' ? schema.maxLength : MAX_TEXT;
  if (text.length > maxLength)
    throw wrongArgument(name, `It has at most ${maxLength} characters.`, 'max_length');
  if (schema.type === 'integer') return integerText(name, schema, text);
  if (Array.isArray(schema.enum) && !schema.enum.includes(text))
    throw wrongArgument(name, `Allowed choices are ${schema.enum.join(', ')}.`, 'invalid_choice');
  if (typeof schema.pattern === 'string' && !new RegExp(schema.pattern, 'u').test(text))
    throw wrongArgument(name, `It has another form: ${String(schema.description)}`, 'invalid_choice');
  return text;
}

function integerText(name: string, { minimum, maximum }: JsonSchema, text: string): string {
  if (!/^-?\d{1,15}$/.test(text)) throw wrongArgument(name, 'It is a whole number.');
  if (typeof minimum === 'number' && Number(text) < minimum)
    throw wrongArgument(name, `It is at least ${minimum}.`, 'min_value');
  if (typeof maximum === 'number' && Number(text) > maximum)
    throw wrongArgument(name, `It is at most ${maximum}.`, 'max_value');
  return text;
}

/** It travels in a header. */
function keyText(value: unknown): string {
  if (typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)) return value;
  throw wrongArgument(KEY_ARGUMENT, 'It has 1 to 255 characters of plain ASCII, and no blanks.');
}
