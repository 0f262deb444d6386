type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Moves every schema that has a title into `components.schemas` and leaves a reference: the document shrinks to a
 * fraction and generated clients get names. Two different schemas under one title are a mistake in the contract.
 */
export function nameSchemas(document: JsonObject): JsonObject {
  const named: Record<string, string> = {};

  function visit(value: Json): Json {
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const visited = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)]));
    const { title, type } = visited;
    if (typeof title !== 'string' || type === undefined || !isObject(visited.properties)) return visited;
    const isNullable = Array.isArray(type) && type.includes('null');
    register(title, isNullable ? { ...visited, type: 'object' } : visited);
    const reference = { $ref: `#/components/schemas/${title}` };
    return isNullable ? { anyOf: [reference, { type: 'null' }] } : reference;
  }

  function register(title: string, schema: JsonObject): void {
    const text = JSON.stringify(schema);
    if (named[title] !== undefined && named[title] !== text) {
      throw new Error(`Two different schemas are titled ${title}.`);
    }
    named[title] = text;
  }

  const { info = {}, components, ...rest } = document;
  const walked = visit(rest);
  const schemas = Object.fromEntries(Object.entries(named).map(([title, text]) => [title, JSON.parse(text)]));
  const own = isObject(components) ? components : {};
  return { ...(isObject(walked) ? walked : {}), info, components: { ...own, schemas } };
}
