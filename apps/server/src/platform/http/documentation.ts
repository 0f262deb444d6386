import { type DocumentOptions, describeApi } from '@parley/contract/openapi/document';
import { type FastifyInstance, fastify } from 'fastify';

/** The contract as OpenAPI 3.1 at /api/schema/, and a page to browse it. */
export function addDocumentation(app: FastifyInstance, options: DocumentOptions): void {
  let document: string | undefined;
  app.get('/api/schema/', async (_request, reply) => {
    // Made once, when somebody first asks.
    document ??= JSON.stringify(describeApi(options));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  // The page's library holds thirty megabytes, so it waits for its first reader.
  let page: Promise<FastifyInstance> | undefined;
  for (const path of [DOCS, `${DOCS}/js/scalar.js`]) {
    app.get(path, async (request, reply) => {
      page ??= createDocsPage();
      const { statusCode, headers, rawPayload } = await (await page).inject({
        method: 'GET',
        url: request.url,
      });
      for (const name of ['content-type', 'location']) {
        if (headers[name] !== undefined) reply.header(name, headers[name]);
      }
      return reply.code(statusCode).header('content-security-policy', PAGE_POLICY).send(rawPayload);
    });
  }
}

const DOCS = '/api/docs';

/** Everything that would talk to somebody else is off. */
const QUIET = {
  url: '/api/schema/',
  theme: 'default',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
} as const;
/** What the settings forget, the browser refuses: the page reaches this server and nothing else. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'";

/** The page as its library serves it, from an instance of its own that no port leads to. */
async function createDocsPage(): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference');
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await app.register(reference, {
    routePrefix: DOCS,
    configuration: QUIET,
  });
  await app.ready();
  return app;
}
