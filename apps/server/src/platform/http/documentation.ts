import type { FastifyInstance } from 'fastify';
import { nameSchemas } from './named-schemas.ts';

/** OpenAPI 3.1 out of the declarations that are registered, at /api/schema/. Call before the first route. */
export async function addSchema(app: FastifyInstance, version: string): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger');
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        version,
        description: 'Tickets, views and the people around them. Send a personal API key as a bearer token.',
      },
      components: {
        securitySchemes: {
          personalApiKey: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'parley.session_token' },
        },
      },
      security: [{ personalApiKey: [] }, { session: [] }],
    },
  });
}

/** The document and a page to browse it. Call after the last route. */
export async function addDocumentation(app: FastifyInstance): Promise<void> {
  let document: string | undefined;
  app.get('/api/schema/', { schema: { hide: true } }, async (_request, reply) => {
    // Made once, when somebody first asks: the routes do not change any more.
    document ??= JSON.stringify(nameSchemas(JSON.parse(JSON.stringify(app.swagger()))));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  const { default: reference } = await import('@scalar/fastify-api-reference');
  await app.register(reference, {
    routePrefix: '/api/docs',
    configuration: { url: '/api/schema/', theme: 'default', withDefaultFonts: false, telemetry: false },
  });
}
