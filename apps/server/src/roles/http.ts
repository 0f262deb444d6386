import type { FastifyInstance } from 'fastify';
import { bindActivityRoutes } from '#features/activities/activities.routes.ts';
import { bindApiKeysRoutes } from '#features/api-keys/api-keys.routes.ts';
import { bindAuditLogRoutes } from '#features/audit-log/audit-log.routes.ts';
import { createIdentities } from '#features/auth/auth.identities.ts';
import { bindAuthRoutes } from '#features/auth/auth.routes.ts';
import { createSessions } from '#features/auth/auth.sessions.ts';
import { bindAvailabilityRoutes } from '#features/availability/availability.routes.ts';
import { bindCommentRoutes } from '#features/comments/comments.routes.ts';
import { bindContentArticleRoutes } from '#features/content-articles/content-articles.routes.ts';
import { bindDraftRoutes } from '#features/drafts/drafts.routes.ts';
import { bindEmailConfigRoutes } from '#features/email-configs/email-configs.routes.ts';
import { bindExternalTicketRoutes } from '#features/external-tickets/external-tickets.routes.ts';
import { bindGuidanceRuleRoutes } from '#features/guidance-rules/guidance-rules.routes.ts';
import { bindInternalTicketRoutes } from '#features/internal-tickets/internal-tickets.routes.ts';
import { bindMessageExtraRoutes } from '#features/message-extras/message-extras.routes.ts';
import { bindFollowerRoutes } from '#features/followers/followers.routes.ts';
import { bindMessageRoutes } from '#features/messages/messages.routes.ts';
import { bindNotificationRoutes } from '#features/notifications/notifications.routes.ts';
import { bindOrganizationsRoutes } from '#features/organizations/organizations.routes.ts';
import { bindPersonRoutes } from '#features/persons/persons.routes.ts';
import { bindPreferenceRoutes } from '#features/preferences/preferences.routes.ts';
import { bindPresenceRoutes } from '#features/presence/presence.routes.ts';
import { PresenceService } from '#features/presence/presence.service.ts';
import { bindProjectSecretRoutes } from '#features/project-secrets/project-secrets.routes.ts';
import { bindProjectsRoutes } from '#features/projects/projects.routes.ts';
import { bindQuickActionRoutes } from '#features/quick-actions/quick-actions.routes.ts';
import { bindReportRoutes } from '#features/reports/reports.routes.ts';
import { bindScheduledReplyRoutes } from '#features/scheduled-replies/scheduled-replies.routes.ts';
import { bindSearchRoutes } from '#features/search/search.routes.ts';
import { bindSuggestionRoutes } from '#features/suggestions/suggestions.routes.ts';
import { bindTagRoutes } from '#features/tags/tags.routes.ts';
import { bindTicketBulkRoutes } from '#features/ticket-bulk/ticket-bulk.routes.ts';
import { bindTicketExportRoutes } from '#features/ticket-exports/ticket-exports.routes.ts';
import { bindTicketImportRoutes } from '#features/ticket-imports/ticket-imports.routes.ts';
import { bindTicketIntakeRoutes } from '#features/ticket-intake/ticket-intake.routes.ts';
import { bindTicketLinkRoutes } from '#features/ticket-links/ticket-links.routes.ts';
import { bindTicketMergeRoutes } from '#features/ticket-merge/ticket-merge.routes.ts';
import { bindTicketRoutes } from '#features/tickets/tickets.routes.ts';
import { bindUnreadMarkRoutes } from '#features/unread-marks/unread-marks.routes.ts';
import { bindViewRoutes } from '#features/views/views.routes.ts';
import { bindWebhookRoutes } from '#features/webhooks/webhooks.routes.ts';
import { bindWorkingHoursRoutes } from '#features/working-hours/working-hours.routes.ts';
import { createHttpApp } from '#platform/http/app.ts';
import { createBinder } from '#platform/http/binder.ts';
import { addDocumentation } from '#platform/http/documentation.ts';
import { bindSystemRoutes } from '#platform/http/system.routes.ts';
import type { Jobs } from '#platform/jobs/boss.ts';
import type { Metrics } from '#platform/metrics.ts';
import type { Hub } from '#platform/realtime/hub.ts';
import { bindStreamRoutes } from '#platform/realtime/stream.routes.ts';
import { parseAllowList } from '#platform/outbound-address.ts';
import { createSecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import type { ParleyParts } from '../app.ts';
import { VERSION } from '../version.ts';
import { bindMcp } from './mcp.ts';

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
  const sessions = createSessions({ database, secret: config.secret, publicUrl: config.publicUrl });
  const secretBox = createSecretBox(config.secret);
  const binder = createBinder({
    app,
    identities: createIdentities({ database, clock, sessions, serviceSecret: config.serviceSecret }),
    unitOfWork,
    shared,
    secretBox,
    rateLimits: config.rateLimits,
    allowedOrigins: new Set(config.publicUrl === undefined ? [] : [config.publicUrl]),
    publicUrl: config.publicUrl,
  });
  const presence = await startPresence(app, parts);
  if (config.roles.has('http')) {
    bindPresenceRoutes(binder, presence);
    bindNotificationRoutes(binder);
    bindUnreadMarkRoutes(binder);
    bindDraftRoutes(binder);
    bindScheduledReplyRoutes(binder);
    bindQuickActionRoutes(binder);
    bindAvailabilityRoutes(binder);
    bindPreferenceRoutes(binder);
    bindContentArticleRoutes(binder);
    bindGuidanceRuleRoutes(binder);
    bindTicketRoutes(binder, shared);
    bindSearchRoutes(binder);
    bindTicketIntakeRoutes(binder);
    bindActivityRoutes(binder);
    bindAuditLogRoutes(binder);
    bindTicketExportRoutes(binder);
    bindTicketImportRoutes(binder);
    bindTicketBulkRoutes(binder);
    bindTicketMergeRoutes(binder);
    bindTicketLinkRoutes(binder);
    bindFollowerRoutes(binder);
    bindMessageRoutes(binder);
    bindMessageExtraRoutes(binder);
    bindCommentRoutes(binder);
    bindExternalTicketRoutes(binder);
    bindInternalTicketRoutes(binder);
    bindProjectSecretRoutes(binder);
    bindWorkingHoursRoutes(binder);
    bindViewRoutes(binder, shared);
    bindPersonRoutes(binder);
    bindEmailConfigRoutes(binder);
    bindTagRoutes(binder);
    bindReportRoutes(binder);
    bindSuggestionRoutes(binder, { secretBox, outboundAllow: config.outboundAllow });
    bindAuthRoutes(binder, sessions);
    bindApiKeysRoutes(binder);
    bindOrganizationsRoutes(binder, sessions);
    bindProjectsRoutes(binder, secretBox);
    bindWebhookRoutes(binder, shared, { secretBox, isAllowed: parseAllowList(config.outboundAllow) });
    bindMcp(app, { publicUrl: config.publicUrl });
    addDocumentation(app, { version: VERSION, serverUrl: config.publicUrl ?? '/' });
  }
  if (hub) {
    const maxStreams = config.rateLimits === 'off' ? Number.POSITIVE_INFINITY : config.rateLimits.streams;
    const watch = presence.watch.bind(presence);
    bindStreamRoutes(binder, { database, hub, heartbeatMs: parts.streamHeartbeatMs, maxStreams, watch });
  }
  bindSystemRoutes(app, parts);
  await app.ready();
  return app;
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
