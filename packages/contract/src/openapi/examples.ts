import { isSchema, type JsonSchema } from './json-schema.ts';

const ID = '01a1fc6e-1620-734d-922f-fb2fd35ecd14';

/** Bodies of operations that a person would not guess. A test checks each one against its schema. */
const BODIES: Readonly<Record<string, unknown>> = {
  'tickets.create': {
    message: 'My password is refused.',
    email_subject: 'Cannot log in',
    anonymous_traits: { name: 'Ada', email: 'ada@example.com' },
    tags: ['login'],
  },
  'tickets.update': { status: 'pending', priority: 'high', assignee: { type: 'user', id: 2 } },
  'tickets.replace': { status: 'pending', priority: 'high', assignee: { type: 'user', id: 2 } },
  'tickets.reply': { message: 'We reset it. Please try again.' },
  'tickets.bulk_update': { ids: [ID], assignee: { type: 'user', id: 2 }, priority: 'high' },
  'tickets.bulk_update_tags': { ids: [ID], action: 'add', tags: ['vip'] },
  'notes.update': { message: 'Asked the login team.' },
  'views.create': { name: 'Urgent', filters: { priority: ['high', 'critical'], status: ['new', 'open'] } },
  'views.update': { is_favorited: true },
  'persons.upsert': { distinct_id: 'user-81', properties: { email: 'ada@example.com', plan: 'team' } },
};

/** Texts by the name of the field; the others are called as their field is. */
const TEXTS: Readonly<Record<string, string>> = {
  author_name: 'Ada',
  content: 'My password is refused.',
  distinct_id: 'user-81',
  email_subject: 'Cannot log in',
  first_name: 'Grace',
  last_message_text: 'My password is refused.',
  last_name: 'Hopper',
  message: 'We reset it. Please try again.',
  password: 'correct horse battery',
  tags: 'login',
  timezone: 'Europe/Berlin',
};
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T09:00:00.000Z',
  email: 'ada@example.com',
  instant: '2026-01-31T09:00:00.000Z',
  uri: 'https://support.example.com/',
  uuid: ID,
};

/** An example of what an operation takes; undefined where none can be made up. */
export function exampleBody(id: string, schema: JsonSchema): unknown {
  return BODIES[id] ?? sample(schema, '', 'required');
}

/** An example of a named thing with all its fields; undefined where none can be made up. */
export function exampleOf(schema: JsonSchema): unknown {
  return sample(schema, '', 'all');
}

type Extent = 'all' | 'required';

function sample(schema: JsonSchema, name: string, extent: Extent): unknown {
  if ('const' in schema) return schema.const;
  if ('default' in schema) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  switch (types.find((type) => type !== 'null')) {
    case 'string':
      return sampleText(schema, name);
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return false;
    case 'array':
      return sampleList(schema, name, extent);
    case 'object':
      return sampleObject(schema, extent);
  }
  const [first] = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return isSchema(first) ? sample(first, name, extent) : undefined;
}

function sampleText(schema: JsonSchema, name: string): string | undefined {
  if (typeof schema.format === 'string') return FORMATS[schema.format];
  const text = TEXTS[name] ?? (/email|_from$|_to$/.test(name) ? FORMATS.email : name.replaceAll('_', ' '));
  if (text === undefined) return undefined;
  const fits =
    (typeof schema.pattern !== 'string' || new RegExp(schema.pattern, 'u').test(text)) &&
    text.length >= Number(schema.minLength ?? 0) &&
    text.length <= Number(schema.maxLength ?? Infinity);
  return fits ? text : undefined;
}

function sampleNumber({ minimum, maximum }: JsonSchema): number {
  return Math.min(Math.max(1, Number(minimum ?? 1)), Number(maximum ?? 1));
}

function sampleList(schema: JsonSchema, name: string, extent: Extent): unknown[] | undefined {
  const item = isSchema(schema.items) ? sample(schema.items, name, extent) : undefined;
  if (item !== undefined) return [item];
  return Number(schema.minItems ?? 0) === 0 ? [] : undefined;
}

/** Optional fields of a body are left out, unless it has no others: then the first one is there. */
function sampleObject(schema: JsonSchema, extent: Extent): Record<string, unknown> | undefined {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(isSchema(schema.properties) ? schema.properties : {});
  const chosen = properties.filter(([name]) => extent === 'all' || required.includes(name));
  const sampled: Record<string, unknown> = {};
  for (const [name, child] of chosen.length > 0 ? chosen : properties.slice(0, 1)) {
    const value = isSchema(child) ? sample(child, name, extent) : undefined;
    if (value !== undefined) sampled[name] = value;
    else if (required.includes(name)) {
      // Any JSON value will do where the schema names no type.
      if (!isSchema(child) || 'type' in child || 'anyOf' in child || 'pattern' in child) return undefined;
      sampled[name] = null;
    }
  }
  return sampled;
}
