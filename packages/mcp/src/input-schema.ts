import { isSchema, type JsonSchema } from '@parley/contract/openapi/json-schema';
import { pathParameterNames, pathParameterSchema } from '@parley/contract/openapi/parameters';
import type { RouteDeclaration } from '@parley/contract/route';
import { type InputSchema, KEY_ARGUMENT, type Place, PROJECT_ARGUMENT, type ToolShape } from './tool.ts';

const PROJECT: JsonSchema = {
  type: ['integer', 'string'],
  description: 'Number of a project, or @current. Default: that of the connection.',
};
const KEY: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description: 'Any text of yours: within 24 hours the same call with the same key is done once.',
};

export interface Input {
  schema: InputSchema;
  places: Map<string, Place>;
}

/** Path, query and body of an operation as the arguments of one tool. */
export function inputOf(route: RouteDeclaration, shape: ToolShape): Input {
  const hidden = new Set([...(shape.withheld ?? []), ...Object.keys(shape.fixed ?? {})]);
  const places = new Map<string, Place>();
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { name, place, schema, isRequired } of fieldsOf(route)) {
    if (places.has(name)) throw new Error(`${route.id} has two arguments named ${name}.`);
    places.set(name, place);
    if (hidden.has(name) || name === PROJECT_ARGUMENT) continue;
    properties[name] = plainSchema({ ...schema, ...shape.input?.[name] });
    if (isRequired) required.push(name);
  }
  if (route.idempotent) properties[KEY_ARGUMENT] = KEY;
  if (places.has(PROJECT_ARGUMENT)) properties[PROJECT_ARGUMENT] = PROJECT;
  return { schema: { type: 'object', properties, required, additionalProperties: false }, places };
}

interface Field {
  name: string;
  place: Place;
  schema: JsonSchema;
  isRequired: boolean;
}

function fieldsOf(route: RouteDeclaration): Field[] {
  const inPath = pathParameterNames(route.path).map(
    (name): Field => ({
      name,
      place: 'path',
      schema: pathSchema(route.path, name),
      isRequired: name !== PROJECT_ARGUMENT,
    }),
  );
  return [...inPath, ...propertiesOf(route.query, 'query'), ...propertiesOf(route.body, 'body')];
}

/** A ticket has a number too, and models write numbers as such. */
function pathSchema(path: string, name: string): JsonSchema {
  const schema = pathParameterSchema(path, name);
  return path.includes(`/tickets/:${name}/`) ? { ...schema, type: ['string', 'integer'] } : schema;
}

function propertiesOf(schema: object | undefined, place: Place): Field[] {
  const { properties, required }: JsonSchema = { ...schema };
  const names = Array.isArray(required) ? required : [];
  return Object.entries(isSchema(properties) ? properties : {}).map(([name, each]) => ({
    name,
    place,
    schema: isSchema(each) ? each : {},
    isRequired: names.includes(name),
  }));
}

/** Without what only our own validator knows: titles, and the format of an instant. */
function plainSchema(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'title' && typeof value === 'string') return [];
    if (key === 'format' && value === 'instant') return [[key, 'date-time']];
    if (key === 'properties' && isSchema(value)) {
      const children = Object.entries(value).map(([name, child]) => [name, plain(child)]);
      return [[key, Object.fromEntries(children)]];
    }
    if (key === 'items') return [[key, plain(value)]];
    return [[key, value]];
  });
  return Object.fromEntries(kept);
}

function plain(value: unknown): unknown {
  return isSchema(value) ? plainSchema(value) : value;
}
