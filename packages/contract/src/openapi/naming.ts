import { ACCESS_LEVELS, MEMBERSHIP_LEVELS, SCOPES } from '../route.ts';
import {
  AI_TRIAGE_RESULTS,
  CHANNEL_DETAILS,
  CHANNEL_SOURCES,
  SLA_STATES,
  TICKET_PRIORITIES,
  TICKET_STATUSES,
} from '../tickets.ts';
import { exampleOf } from './examples.ts';
import { isObjectSchema, isSchema, type JsonSchema } from './json-schema.ts';

/** Lists of values that many schemas repeat. Other ones get a name by a title of their own. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  AccessLevel: ACCESS_LEVELS,
  AiTriageResult: AI_TRIAGE_RESULTS,
  ChannelDetail: CHANNEL_DETAILS,
  ChannelSource: CHANNEL_SOURCES,
  MembershipLevel: MEMBERSHIP_LEVELS,
  Scope: SCOPES,
  SlaState: SLA_STATES,
  TicketPriority: TICKET_PRIORITIES,
  TicketStatus: TICKET_STATUSES,
};
const ENUM_TITLES = new Map(Object.entries(ENUMS).map(([title, values]) => [values.join(), title]));

/** Say something of the place where a schema is used, and stay there beside the reference. */
const OF_THE_PLACE = ['description', 'default', 'deprecated'];

export interface Naming {
  /** The schemas that were named so far, by name. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** The schema as it is written in the document: a reference where it has a name. */
  refer(schema: JsonSchema, fallbackTitle?: string): JsonSchema;
}

/**
 * Moves what has a title into `components.schemas`: the document shrinks to a fraction and generated clients get names.
 * Two different schemas under one title are a mistake in the contract.
 */
export function createNaming(): Naming {
  const schemas: Record<string, JsonSchema> = {};

  function refer(schema: JsonSchema, fallbackTitle?: string): JsonSchema {
    const walked = standardForm(mapChildren(schema, (child) => refer(child)));
    const title = titleOf(walked) ?? (isObjectSchema(walked) ? fallbackTitle : undefined);
    if (title === undefined) return walked;
    const { here, component } = split(walked);
    const known = schemas[title];
    if (known === undefined) schemas[title] = { ...component, title, ...examplesOf(title, schema) };
    else if (signature(known) !== signature({ ...component, title })) {
      throw new Error(`Two different schemas are titled ${title}.`);
    }
    const reference = { $ref: `#/components/schemas/${title}` };
    return isNullable(walked) ? { ...here, anyOf: [reference, { type: 'null' }] } : { ...here, ...reference };
  }

  return { schemas, refer };
}

function signature({ description: _, examples: _examples, ...schema }: JsonSchema): string {
  return JSON.stringify(schema, (_key, value) => (isSchema(value) ? sortKeys(value) : value));
}

/** Once per thing: tools put those of a page or an answer together from what it holds. */
function examplesOf(title: string, schema: JsonSchema): { examples?: unknown[] } {
  if (!isObjectSchema(schema) || title.endsWith('Page')) return {};
  const example = exampleOf(schema);
  return example === undefined ? {} : { examples: [example] };
}

function sortKeys(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An object keeps its description, which is about the thing; that of an enumeration is about the place. */
function split(schema: JsonSchema): { here: JsonSchema; component: JsonSchema } {
  const stays = isObjectSchema(schema) ? ['default', 'deprecated'] : OF_THE_PLACE;
  const here = Object.fromEntries(Object.entries(schema).filter(([key]) => stays.includes(key)));
  const rest = Object.fromEntries(Object.entries(schema).filter(([key]) => !stays.includes(key)));
  if (!isNullable(schema)) return { here, component: rest };
  const values = Array.isArray(rest.enum) ? { enum: rest.enum.filter((value) => value !== null) } : {};
  const types = Array.isArray(rest.type) ? rest.type.filter((type) => type !== 'null') : [];
  return { here, component: { ...rest, type: types.length === 1 ? types[0] : types, ...values } };
}

function titleOf(schema: JsonSchema): string | undefined {
  const isNameable = isObjectSchema(schema) || Array.isArray(schema.enum);
  if (typeof schema.title === 'string' && isNameable) return schema.title;
  const values = Array.isArray(schema.enum) ? schema.enum.filter((value) => value !== null) : [];
  return ENUM_TITLES.get(values.join());
}

function isNullable(schema: JsonSchema): boolean {
  return Array.isArray(schema.type) && schema.type.includes('null');
}

/** `instant` is this server's own: a date and time with or without an offset. */
function standardForm(schema: JsonSchema): JsonSchema {
  if (schema.format !== 'instant') return schema;
  const { maxLength: _, ...rest } = schema;
  return { ...rest, format: 'date-time' };
}

/** The same schema, with every schema directly below it replaced. */
function mapChildren(schema: JsonSchema, map: (child: JsonSchema) => JsonSchema): JsonSchema {
  const one = (value: unknown) => (isSchema(value) ? map(value) : value);
  const changed = Object.entries(schema).map(([key, value]) => {
    if (key === 'properties' || key === 'patternProperties') {
      const children = isSchema(value) ? Object.entries(value) : [];
      return [key, Object.fromEntries(children.map(([name, child]) => [name, one(child)]))];
    }
    if (['items', 'additionalProperties', 'not'].includes(key)) return [key, one(value)];
    const isList = ['anyOf', 'oneOf', 'allOf', 'prefixItems'].includes(key) && Array.isArray(value);
    return [key, isList ? value.map(one) : value];
  });
  return Object.fromEntries(changed);
}
