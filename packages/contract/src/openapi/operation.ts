import type { RouteDeclaration } from '../route.ts';
import { errorsOf } from './errors.ts';
import { exampleBody } from './examples.ts';
import { groupOf } from './groups.ts';
import { isObjectSchema, isSchema, type JsonSchema } from './json-schema.ts';
import type { Naming } from './naming.ts';
import { pascalCase } from './parameters.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'Done; no body',
};

/** One operation of the document, without its parameters. */
export function describeOperation(route: RouteDeclaration, naming: Naming): JsonSchema {
  return {
    operationId: route.id,
    tags: [groupOf(route.id)],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.consumes ? { requestBody: rawBody(route.consumes) } : {}),
    ...(route.body ? { requestBody: requestBody(route, { ...route.body }, naming) } : {}),
    responses: { ...successes(route, naming), ...errorsOf(route) },
    security: securityOf(route),
    'x-credentials': route.credentials,
    ...(route.mcpTool === undefined ? {} : { 'x-mcp-tool': route.mcpTool }),
  };
}

/** One of these is enough. A key needs one of the scopes. */
function securityOf({ credentials }: RouteDeclaration): JsonSchema[] {
  const session = { session: [] };
  const oneOf = (scopes: readonly string[]) => [
    ...scopes.map((scope) => ({ personalApiKey: [scope] })),
    session,
  ];
  switch (credentials) {
    case 'public':
      return [];
    case 'session':
      return [session];
    case 'any':
      return [{ personalApiKey: [] }, session];
    case 'trusted':
      return oneOf(['*']);
    case 'project_secret':
      return [{ projectSecret: [] }];
    case 'service_token':
      return [{ serviceToken: [] }];
    case 'public_token':
      return [{ publicToken: [] }];
    default:
      return oneOf(credentials);
  }
}

/** A body that is read while it arrives; the schema says nothing of its parts. */
function rawBody(type: string): JsonSchema {
  const schema =
    type === 'application/octet-stream' ? { type: 'string', format: 'binary' } : { type: 'string' };
  return { required: true, content: { [type]: { schema } } };
}

function requestBody(route: RouteDeclaration, body: JsonSchema, naming: Naming): JsonSchema {
  const schema = naming.refer(body, `${pascalCase(route.id)}Body`);
  const example = exampleBody(route.id, body);
  const content = { schema, ...(example === undefined ? {} : { example }) };
  return {
    required: Array.isArray(body.required) && body.required.length > 0,
    content: { [JSON_TYPE]: content, ...(route.form ? { [FORM_TYPE]: { schema } } : {}) },
  };
}

function successes(route: RouteDeclaration, naming: Naming): Record<string, JsonSchema> {
  const answers = Object.entries(route.responses).map(([status, schema]) => {
    const description = DESCRIPTIONS[status] ?? 'Answer';
    if (schema === null) return [status, { description }];
    const plain = { ...schema };
    const named = naming.refer(plain, answerTitle(route, plain));
    return [status, { description, content: contentOf(route, named) }];
  });
  return Object.fromEntries(answers);
}

function contentOf(route: RouteDeclaration, schema: JsonSchema): JsonSchema {
  if (route.stream) return { 'text/event-stream': { schema } };
  if (!route.produces) {
    const files = (route.formats ?? []).map((type) => [type, { schema: { type: 'string' } }]);
    return { [JSON_TYPE]: { schema }, ...Object.fromEntries(files) };
  }
  // The schema is that of one line; a table has no schema here.
  const of = (type: string) => (type === 'text/csv' ? { schema: { type: 'string' } } : { schema });
  return Object.fromEntries(route.produces.map((type) => [type, of(type)]));
}

/** Answers without a title are named after the operation, pages after what they hold. */
function answerTitle(route: RouteDeclaration, schema: JsonSchema): string {
  const properties = isObjectSchema(schema) && isSchema(schema.properties) ? schema.properties : {};
  const { results } = properties;
  const isPage = 'next' in properties && isSchema(results);
  const item = isPage && isSchema(results.items) ? results.items.title : undefined;
  if (typeof item === 'string') return `${item}Page`;
  return `${pascalCase(route.id)}${isPage ? 'Page' : 'Answer'}`;
}
