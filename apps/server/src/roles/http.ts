import type { FastifyInstance } from 'fastify';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { bindMessageRoutes } from '#features/messages/messages.routes.ts';
import { bindTicketIntakeRoutes } from '#features/ticket-intake/ticket-intake.routes.ts';
import { bindTicketRoutes } from '#features/tickets/tickets.routes.ts';
import { createHttpApp } from '#platform/http/app.ts';
import { createBinder } from '#platform/http/binder.ts';
import { addDocumentation, addSchema } from '#platform/http/documentation.ts';
import { bindSystemRoutes } from '#platform/http/system.routes.ts';
import type { Jobs } from '#platform/jobs/boss.ts';
import type { Metrics } from '#platform/metrics.ts';
import type { Hub } from '#platform/realtime/hub.ts';
import { bindStreamRoutes } from '#platform/realtime/stream.routes.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import type { ParleyParts } from '../app.ts';
import { VERSION } from '../version.ts';

export interface ApiParts extends ParleyParts {
  metrics: Metrics;
  unitOfWork: UnitOfWork;
  shared: SharedState;
  jobs: Jobs;
  hub: Hub | undefined;
  isStopping: () => boolean;
}

/** The HTTP side of this process: every route of its roles, ready to listen. */
export async function createApi(parts: ApiParts): Promise<FastifyInstance> {
  const { config, database, clock, log, metrics, unitOfWork, shared, hub } = parts;
  const app = createHttpApp({ log, metrics, trustedProxies: config.trustedProxies });
  await addSchema(app, VERSION);
  const binder = createBinder({
    app,
    identities: createIdentities({ database, clock }),
    unitOfWork,
    shared,
    rateLimits: config.rateLimits,
    allowedOrigins: new Set(config.publicUrl === undefined ? [] : [config.publicUrl]),
    publicUrl: config.publicUrl,
  });
  if (config.roles.has('http')) {
    bindTicketRoutes(binder, shared);
    bindTicketIntakeRoutes(binder);
    bindMessageRoutes(binder);
    await addDocumentation(app);
  }
  if (hub) bindStreamRoutes(binder, database, hub);
  bindSystemRoutes(app, parts);
  await app.ready();
  return app;
}
