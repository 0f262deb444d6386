import type { FastifyInstance } from 'fastify';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { createSessions } from '#features/auth/auth.sessions.ts';
import { bindEventIntakeRoutes } from '#features/event-intake/event-intake.routes.ts';
import { createEventIntake } from '#features/event-intake/event-intake.ts';
import type { FileParts } from '#features/files/files.upload.service.ts';
import { PresenceService } from '#features/presence/presence.service.ts';
import { VisitorStreams } from '#features/widget/visitor-streams.ts';
import { bindWidgetStreamRoutes } from '#features/widget/widget-stream.routes.ts';
import { createHttpApp } from '#platform/http/app.ts';
import { type Binder, createBinder } from '#platform/http/binder.ts';
import { addDocumentation } from '#platform/http/documentation.ts';
import { bindSystemRoutes } from '#platform/http/system.routes.ts';
import type { Jobs } from '#platform/jobs/boss.ts';
import type { Metrics } from '#platform/metrics.ts';
import { readTicketEvents } from '#platform/realtime/event-reader.ts';
import type { Hub } from '#platform/realtime/hub.ts';
import { findStart } from '#platform/realtime/resume.ts';
import { bindStreamRoutes } from '#platform/realtime/stream.routes.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import type { ParleyParts } from '../app.ts';
import { VERSION } from '../version.ts';
import { bindRoutes } from './http-routes.ts';
import { bindMcp } from './mcp.ts';

export interface ApiParts extends ParleyParts {
  metrics: Metrics;
  unitOfWork: UnitOfWork;
  shared: SharedState;
  jobs: Jobs;
  hub: Hub | undefined;
  files: FileParts;
  isStopping: () => boolean;
}

/** The HTTP side of this process: every route of its roles, ready to listen. */
export async function createApi(parts: ApiParts): Promise<FastifyInstance> {
  const { config, database, clock, log, metrics, unitOfWork, shared, hub } = parts;
  const app = createHttpApp({ log, metrics, trustedProxies: config.trustedProxies });
  const sessions = createSessions({ database, secret: config.secret, publicUrl: config.publicUrl });
  const secretBox = createSecretBox(config.secret);
  const binder = createBinder({
    app,
    identities: createIdentities({
      database,
      clock,
      sessions,
      secretBox,
      serviceSecret: config.serviceSecret,
    }),
    unitOfWork,
    shared,
    secretBox,
    rateLimits: config.rateLimits,
    allowedOrigins: new Set(config.publicUrl === undefined ? [] : [config.publicUrl]),
    publicUrl: config.publicUrl,
  });
  const presence = await startPresence(app, parts);
  if (config.roles.has('http')) {
    const { outboundAllow, rateLimits } = config;
    const { files } = parts;
    await files.incoming.sweep(clock.now());
    bindRoutes(binder, { sessions, secretBox, shared, presence, outboundAllow, rateLimits, clock, files });
    bindEventIntake(app, binder, parts);
    bindMcp(app, { publicUrl: config.publicUrl });
    addDocumentation(app, { version: VERSION, serverUrl: config.publicUrl ?? '/' });
  }
  if (hub) {
    const maxStreams = config.rateLimits === 'off' ? Number.POSITIVE_INFINITY : config.rateLimits.streams;
    const watch = presence.watch.bind(presence);
    bindStreamRoutes(binder, { database, hub, heartbeatMs: parts.streamHeartbeatMs, maxStreams, watch });
    bindVisitorStreams(binder, parts, hub, presence);
  }
  bindSystemRoutes(app, parts);
  await app.ready();
  return app;
}

/** What waits to be written when the server is closed is written first. */
function bindEventIntake(app: FastifyInstance, binder: Binder, parts: ApiParts): void {
  const { unitOfWork, metrics, clock, log } = parts;
  const onError = (error: unknown) => log.error({ err: error }, 'events of pages failed');
  const intake = createEventIntake({ unitOfWork, metrics, onError });
  app.addHook('onClose', () => intake.close());
  bindEventIntakeRoutes(binder, { intake, clock });
}

/** Customers listen where the team does. */
function bindVisitorStreams(binder: Binder, parts: ApiParts, hub: Hub, presence: PresenceService): void {
  const { database, unitOfWork, config, shared, clock, log } = parts;
  const { rateLimits } = config;
  const own = {
    secretBox: createSecretBox(config.secret),
    findStart: findStart.bind(undefined, database),
    readMissed: readTicketEvents.bind(undefined, database),
  };
  const onError = (error: unknown) => log.error({ err: error }, 'streams of customers failed');
  const streams = new VisitorStreams({ ...own, hub, unitOfWork, onError });
  presence.watchTyping(streams.tellTyping.bind(streams));
  const heartbeatMs = parts.streamHeartbeatMs;
  bindWidgetStreamRoutes(binder, { ...own, streams, shared, rateLimits, clock, heartbeatMs });
}

/** Also where only streams are served: they tell who is there. */
async function startPresence(
  app: FastifyInstance,
  { shared, clock, hub, log }: ApiParts,
): Promise<PresenceService> {
  const onError = (error: unknown) => log.error({ err: error }, 'presence failed');
  const presence = new PresenceService({ shared, clock, signals: hub?.signals, onError });
  await presence.start();
  app.addHook('onClose', () => presence.close());
  return presence;
}
