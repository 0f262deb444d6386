import type { ErrorCode } from '@parley/contract/errors';
import { elements, type JsonSchema, type Place, typesOf } from './json-schema.ts';

/** A value for one place of a body that the contract forbids, or that is odd and yet allowed. */
export interface BadValue {
  at: Place;
  /** How a failure names it. */
  name: string;
  value: unknown;
  /** How it is refused; undefined where the contract lets it be. */
  code: ErrorCode | undefined;
}

/** Stands for a number that is written with more digits than any number has. */
export const HUGE = 'a huge number';
/** Levels that a body may nest, and some below the field it is in. */
const DEEP = 50;
const MANY = 3000;
/** Four bytes each: what is longer makes too long a body. */
const WIDE = 100_000;

const KEYWORDS = [
  'type enum const format pattern minLength maxLength minimum maximum properties required additionalProperties',
  'propertyNames items minItems maxItems uniqueItems title description default',
]
  .join(' ')
  .split(' ');

type Given = Omit<BadValue, 'at'>;
const no = (code: ErrorCode, name: string, value: unknown): Given => ({ code, name, value });
const odd = (name: string, value: unknown): Given => ({ code: undefined, name, value });
const NUL = 'null_characters_not_allowed';

function nested(depth: number, open: string, close: string): unknown {
  return JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);
}

/** A value of each type; `fraction` is a number that is no integer. */
const OF_TYPES = [
  [['null'], 'null', null],
  [['boolean'], 'true', true],
  [['integer', 'number'], 'a number', 7],
  [['number'], 'a fraction', 1.5],
  [['string'], 'a text', 'text'],
  [['array'], 'a list', ['walked']],
  [['object'], 'an object', { not: ['of', 'this', 'type'] }],
] as const;

function* wrongTypes(types: readonly string[], hasChoices: boolean): Generator<Given> {
  for (const [of, name, value] of OF_TYPES) {
    const code = hasChoices ? 'invalid_choice' : 'invalid_input';
    if (!of.some((type) => types.includes(type))) yield no(value === null ? 'null' : code, name, value);
  }
  if (types.includes('integer') || types.includes('number')) yield no('max_value', '1e400', HUGE);
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  uuid: ['', '{01900000-0000-7000-8000-000000000000}', 'urn:uuid:01900000-0000-7000-8000-000000000000'],
  email: ['', 'a@b@c', 'a@example.com\r\nbcc: b@example.com'],
  instant: ['', 'tomorrow', '2026-02-30', '0000-01-01', '99999-01-01T00:00:00Z'],
};
const INSTANTS = ['0001-01-01', '9999-12-31T23:59:59.999Z', '0001-01-01T00:00+14:00'];

function* texts(schema: JsonSchema): Generator<Given> {
  const { format = '', minLength = 0, maxLength, pattern } = schema;
  yield no(NUL, 'NUL', 'a\0b');
  for (const text of FORMATS[format] ?? []) yield no('invalid_input', JSON.stringify(text), text);
  if (format === 'instant') for (const text of INSTANTS) yield odd(text, text);
  if (pattern === '\\S') yield no('blank', 'blanks', ' \n\t');
  else if (pattern !== undefined) yield no('invalid_input', 'another pattern', 'not ~ like ~ that');
  else if (minLength > 0) yield no('min_length', 'nothing in it', '');
  if (maxLength === undefined) yield odd('a long text', 'long'.repeat(30_000));
  else yield no('max_length', 'maxLength + 1', 'x'.repeat(maxLength + 1));
  if (format !== '' || (pattern !== undefined && pattern !== '\\S')) return;
  yield odd('syntax and half an emoji', `\ud83d'"\\%_;--$1\udc00{{`.slice(0, maxLength));
  yield odd('a prototype', '__proto__'.slice(0, maxLength));
  yield odd('maxLength of wide letters', '🎉'.repeat(Math.min(maxLength ?? 1000, WIDE)));
}

function* numbers({ minimum, maximum }: JsonSchema): Generator<Given> {
  const edges = [minimum, maximum].flatMap((edge) => (edge === undefined ? [] : [edge - 1, edge, edge + 1]));
  for (const value of [-1, 2 ** 31, 2 ** 53, 1e300, ...edges]) {
    if (value < (minimum ?? value)) yield no('min_value', String(value), value);
    else if (value > (maximum ?? value)) yield no('max_value', String(value), value);
    else yield odd(String(value), value);
  }
}

function* lists(schema: JsonSchema): Generator<Given> {
  const { minItems = 0, maxItems, uniqueItems } = schema;
  if (minItems > 0) yield no('empty', 'an empty list', []);
  if (uniqueItems) yield no('invalid_input', 'the same twice', ['walked', 'walked']);
  if (maxItems === undefined) yield odd('a long list', elements(schema, MANY));
  else yield no('max_length', 'maxItems + 1', elements(schema, maxItems + 1));
}

/** Where any JSON may stand. */
function* anything(): Generator<Given> {
  for (const [, name, value] of OF_TYPES) yield odd(name, value);
  yield no('max_value', '1e400', HUGE);
  yield odd('an empty text', '');
  yield odd('an id that is too great', { type: 'user', id: 2 ** 31 });
  yield odd('an id that is none', { type: 'role', id: 'x' });
  yield odd('a document', {
    type: 'doc',
    content: [{ type: 'text', text: 5 }, null, '\ud83d', { type: {} }],
  });
  yield odd('a long text', 'long'.repeat(30_000));
  yield odd('deep lists', nested(DEEP, '[', ']'));
  yield odd('deep objects', nested(DEEP, '{"content":', '}'));
  yield no(NUL, 'NUL', 'a\0b');
}

function* ofNode(schema: JsonSchema): Generator<Given> {
  const types = typesOf(schema);
  const { enum: choices } = schema;
  if (types.length === 0 && !choices) return yield* anything();
  if (types.length > 0) yield* wrongTypes(types, choices !== undefined);
  if (schema.const === true) return yield no('invalid_choice', 'false', false);
  if (choices) {
    const others = ['', String(choices[0]).toUpperCase(), 'x'.repeat(10_000)];
    for (const text of others)
      if (!choices.includes(text)) yield no('invalid_choice', text.slice(0, 20), text);
    return;
  }
  if (types.includes('string')) yield* texts(schema);
  if (types.includes('integer') || types.includes('number')) yield* numbers(schema);
  if (types.includes('array')) yield* lists(schema);
}

/** Everything bad for what is inside of a schema. */
function* inside(schema: JsonSchema, at: Place, seen: Set<string>): Generator<BadValue> {
  const { properties = {}, required = [], additionalProperties, items } = schema;
  // The days of a week, the kinds of notifications: one stands for all.
  const isObject = typesOf(schema).includes('object');
  const text = JSON.stringify(schema);
  if ((isObject || items?.properties) && seen.has(text)) return;
  seen.add(text);
  for (const name of required) yield { at: [...at, name], ...no('required', 'nothing', undefined) };
  for (const [name, field] of Object.entries(properties)) yield* badValues(field, [...at, name], seen);
  if (items) yield* badValues(items, [...at, '0'], seen);
  if (typeof additionalProperties === 'object')
    yield* badValues(additionalProperties, [...at, 'walked'], seen);
  if (isObject) yield* badNames(schema, at);
}

/** Fields that no schema names. */
function* badNames({ additionalProperties, propertyNames }: JsonSchema, at: Place): Generator<BadValue> {
  const isClosed = additionalProperties === false;
  const name = 'an unknown field';
  yield {
    at: [...at, 'no_such_field'],
    ...(isClosed ? no('invalid_input', name, [{ a: 1 }]) : odd(name, [{ a: 1 }])),
  };
  yield { at, ...no(NUL, 'NUL in a name', { 'a\0b': 1 }) };
  const { maxLength } = propertyNames ?? {};
  if (maxLength !== undefined)
    yield { at, ...no('max_length', 'a long name', { ['x'.repeat(maxLength + 1)]: 'x' }) };
  if (additionalProperties !== true) return;
  const many = Array.from({ length: MANY }, (_, n) => [`f${n}`, n] as const);
  yield { at, ...odd('NUL below a long name', { ['x'.repeat(10_000)]: '\0' }) };
  yield { at, ...odd('many fields', Object.fromEntries(many)) };
  yield { at, ...odd('deep objects', { a: nested(DEEP, '{"a":', '}') }) };
  yield { at, ...odd('odd names', { ['x'.repeat(10_000)]: 1, '': null, '\ud83d': 1, ['__proto__']: 1 }) };
}

/** Everything bad that can be made of a schema: for each of its places, values of the wrong type, size or form. */
export function* badValues(
  schema: JsonSchema,
  at: Place = [],
  seen: Set<string> = new Set(),
): Generator<BadValue> {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.includes(keyword));
  // What is new in the contract has to be broken above too.
  if (unknown.length > 0) throw new Error(`${at.join('.')}: nothing bad is known for ${unknown.join(', ')}`);
  for (const given of ofNode(schema)) yield { at, ...given };
  yield* inside(schema, at, seen);
}
