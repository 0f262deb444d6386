import { contract } from '../contract.ts';
import { PlainErrorBody, WidgetErrorBody } from '../errors.ts';
import type { RouteDeclaration } from '../route.ts';
import { documentedError, errorResponses } from './errors.ts';
import { GROUPS, groupOf } from './groups.ts';
import type { JsonSchema } from './json-schema.ts';
import { createNaming } from './naming.ts';
import { describeOperation } from './operation.ts';
import { parametersOf, shareParameters } from './parameters.ts';

const DESCRIPTION = `Tickets, messages, views and the people around them.

Send a personal API key as a bearer token: \`Authorization: Bearer prl_…\`. A project is named by its number or by
\`@current\`. Lists answer \`{"count", "next", "previous", "results"}\`; \`next\` is the address of the following page.
Times are ISO 8601 in UTC. Every refusal has the same form, in which \`code\` says why.`;

const SECURITY_SCHEMES = {
  personalApiKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A personal API key. Operations name the scopes of which a key needs one.',
  },
  projectSecret: {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret of a project, which also says which project the call is about.',
  },
  serviceToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token that a service signed for one project and one ticket.',
  },
  publicToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Conversations-Token',
    description:
      'The public token of the widget. It names the project; the visitor proves who they are besides.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'parley.session_token',
    description:
      'The cookie of `sessions.create`. Requests that change something also need an `Origin` header.',
  },
};

/** For programs that are made from the committed document; a running server names itself. */
const ANY_SERVER = {
  url: '{address}',
  description: 'Your own Parley',
  variables: { address: { default: 'http://127.0.0.1:8000', description: 'Where it answers.' } },
};

export interface DocumentOptions {
  version: string;
  /** Address of the server, or `/` for the one the document comes from. */
  serverUrl?: string | undefined;
  /** Default: all. */
  routes?: readonly RouteDeclaration[];
}

/** Every declared operation, in the order of the contract. */
export function allRoutes(): RouteDeclaration[] {
  return Object.values(contract).flatMap((group): RouteDeclaration[] => Object.values(group));
}

/** The declarations as OpenAPI 3.1. The served document and the committed one both come from here. */
export function describeApi({ version, serverUrl, routes = allRoutes() }: DocumentOptions): JsonSchema {
  const naming = createNaming();
  naming.refer(documentedError);
  if (routes.some(({ errors }) => errors === 'plain')) naming.refer({ ...PlainErrorBody });
  if (routes.some(({ errors }) => errors === 'widget')) naming.refer({ ...WidgetErrorBody });
  const operations = routes.map((route) => ({
    route,
    operation: describeOperation(route, naming),
    parameters: parametersOf(route, naming),
  }));
  const shared = shareParameters(operations.flatMap(({ parameters }) => parameters));
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { route, operation, parameters } of operations) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    const own = parameters.length > 0 ? { parameters: parameters.map(shared.refer) } : {};
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: { ...operation, ...own } };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [serverUrl === undefined ? ANY_SERVER : { url: serverUrl }],
    tags: tagsOf(routes),
    paths,
    components: {
      schemas: sorted(naming.schemas),
      parameters: sorted(shared.components),
      responses: errorResponses(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function tagsOf(routes: readonly RouteDeclaration[]): JsonSchema[] {
  const names = [...new Set(routes.map(({ id }) => groupOf(id)))].sort();
  return names.map((name) => ({ name, description: GROUPS[name] ?? name.replaceAll('_', ' ') }));
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
