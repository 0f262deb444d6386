import type { RouteDeclaration } from '../route.ts';
import { isSchema, type JsonSchema } from './json-schema.ts';
import type { Naming } from './naming.ts';

/** What stands in a path. Ids that are not named here are uuids when their name ends with `id`. */
const PATH_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  project_id: { pattern: '^([0-9]+|@current)$', description: 'Number of the project, or `@current`.' },
  user_id: { pattern: '^[0-9]+$', description: 'Number of the user.' },
  session_id: { pattern: '^([0-9]+|current)$', description: 'Number of the session, or `current`.' },
  short_id: { description: 'The short id of the view.' },
};
const TICKET_ID = { description: 'The uuid of the ticket, or its number.' };

/** The schema of a value in a path. Every one is text. */
export function pathParameterSchema(path: string, name: string): JsonSchema {
  const known = path.includes(`/tickets/:${name}/`) ? TICKET_ID : PATH_PARAMETERS[name];
  if (known) return { type: 'string', ...known };
  if (name === 'id') return { type: 'string', format: 'uuid', description: 'Its uuid.' };
  if (!name.endsWith('_id')) return { type: 'string' };
  const thing = name.slice(0, -'_id'.length).replaceAll('_', ' ');
  return { type: 'string', format: 'uuid', description: `The uuid of the ${thing}.` };
}

export function pathParameterNames(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].flatMap((match) => match[1] ?? []);
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'For 24 hours the same key with the same request gives the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'The id of the last event that was handled: what came after it is sent first.',
  schema: { type: 'string' },
};

/** What an operation takes besides a body. */
export function parametersOf(route: RouteDeclaration, naming: Naming): JsonSchema[] {
  const inPath = pathParameterNames(route.path).map((name) =>
    parameter('path', name, pathParameterSchema(route.path, name), true),
  );
  const query: JsonSchema = { ...route.query };
  const required = Array.isArray(query.required) ? query.required : [];
  const inQuery = Object.entries(isSchema(query.properties) ? query.properties : {}).map(([name, schema]) =>
    parameter('query', name, naming.refer(isSchema(schema) ? schema : {}), required.includes(name)),
  );
  return [
    ...inPath,
    ...inQuery,
    ...(route.idempotent ? [IDEMPOTENCY_KEY] : []),
    ...(route.stream ? [LAST_EVENT_ID] : []),
  ];
}

function parameter(place: string, name: string, schema: JsonSchema, isRequired: boolean): JsonSchema {
  const { description, ...rest } = schema;
  return {
    name,
    in: place,
    ...(isRequired ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  };
}

export interface SharedParameters {
  /** `components.parameters`. */
  components: Record<string, JsonSchema>;
  /** The parameter, or a reference to it. */
  refer(parameter: JsonSchema): JsonSchema;
}

/** Parameters that several operations have in the same words are written once. */
export function shareParameters(all: readonly JsonSchema[]): SharedParameters {
  const uses = new Map<string, number>();
  for (const each of all) uses.set(JSON.stringify(each), (uses.get(JSON.stringify(each)) ?? 0) + 1);
  const components: Record<string, JsonSchema> = {};
  const names = new Map<string, string>();
  for (const [text, count] of [...uses].sort(([, a], [, b]) => b - a)) {
    const each: JsonSchema = JSON.parse(text);
    const name = pascalCase(String(each.name));
    // The most frequent one of a name gets it; its namesakes stay where they are.
    if (count < 3 || name in components) continue;
    components[name] = each;
    names.set(text, name);
  }
  return {
    components,
    refer(each) {
      const name = names.get(JSON.stringify(each));
      return name === undefined ? each : { $ref: `#/components/parameters/${name}` };
    },
  };
}

/** `bulk_update_tags` and `tickets.create` as names of types. */
export function pascalCase(name: string): string {
  return name.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, _gap, letter: string) => letter.toUpperCase());
}
