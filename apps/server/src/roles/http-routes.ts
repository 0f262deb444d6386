import { bindActivityRoutes } from '#features/activities/activities.routes.ts';
import { bindApiKeysRoutes } from '#features/api-keys/api-keys.routes.ts';
import { bindAuditLogRoutes } from '#features/audit-log/audit-log.routes.ts';
import { bindAuthRoutes } from '#features/auth/auth.routes.ts';
import type { Sessions } from '#features/auth/sessions.types.ts';
import { bindAvailabilityRoutes } from '#features/availability/availability.routes.ts';
import { bindCommentRoutes } from '#features/comments/comments.routes.ts';
import { bindContentArticleRoutes } from '#features/content-articles/content-articles.routes.ts';
import { bindDraftRoutes } from '#features/drafts/drafts.routes.ts';
import { bindEmailConfigRoutes } from '#features/email-configs/email-configs.routes.ts';
import { bindPageEventRoutes } from '#features/event-intake/page-events.routes.ts';
import { bindExternalTicketRoutes } from '#features/external-tickets/external-tickets.routes.ts';
import { bindFileRoutes } from '#features/files/files.routes.ts';
import type { FileParts } from '#features/files/files.upload.service.ts';
import { bindFollowerRoutes } from '#features/followers/followers.routes.ts';
import { bindGuidanceRuleRoutes } from '#features/guidance-rules/guidance-rules.routes.ts';
import { bindIdentitySecretRoutes } from '#features/identity-secrets/identity-secrets.routes.ts';
import { bindInternalTicketRoutes } from '#features/internal-tickets/internal-tickets.routes.ts';
import { bindMessageExtraRoutes } from '#features/message-extras/message-extras.routes.ts';
import { bindMessageRoutes } from '#features/messages/messages.routes.ts';
import { bindNotificationRoutes } from '#features/notifications/notifications.routes.ts';
import { bindOrganizationsRoutes } from '#features/organizations/organizations.routes.ts';
import { bindPersonRoutes } from '#features/persons/persons.routes.ts';
import { bindPreferenceRoutes } from '#features/preferences/preferences.routes.ts';
import { bindPresenceRoutes } from '#features/presence/presence.routes.ts';
import type { PresenceService } from '#features/presence/presence.service.ts';
import { bindProjectSecretRoutes } from '#features/project-secrets/project-secrets.routes.ts';
import { bindProjectsRoutes } from '#features/projects/projects.routes.ts';
import { bindQuickActionRoutes } from '#features/quick-actions/quick-actions.routes.ts';
import { bindRemoteConfigRoutes } from '#features/remote-config/remote-config.routes.ts';
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
import { bindWidgetRoutes } from '#features/widget/widget.routes.ts';
import { bindWidgetHostRoutes } from '#features/widget-host/widget-host.routes.ts';
import { bindWorkingHoursRoutes } from '#features/working-hours/working-hours.routes.ts';
import type { Clock } from '#platform/clock.ts';
import type { Binder } from '#platform/http/binder.ts';
import type { RateLimits } from '#platform/http/rate-limits.ts';
import { parseAllowList } from '#platform/outbound-address.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';

/** Features whose routes need nothing but the binder. */
const PLAIN: readonly ((binder: Binder) => void)[] = [
  bindActivityRoutes,
  bindPageEventRoutes,
  bindApiKeysRoutes,
  bindAuditLogRoutes,
  bindAvailabilityRoutes,
  bindCommentRoutes,
  bindContentArticleRoutes,
  bindDraftRoutes,
  bindEmailConfigRoutes,
  bindExternalTicketRoutes,
  bindFollowerRoutes,
  bindGuidanceRuleRoutes,
  bindInternalTicketRoutes,
  bindMessageExtraRoutes,
  bindMessageRoutes,
  bindNotificationRoutes,
  bindPersonRoutes,
  bindPreferenceRoutes,
  bindProjectSecretRoutes,
  bindQuickActionRoutes,
  bindRemoteConfigRoutes,
  bindReportRoutes,
  bindScheduledReplyRoutes,
  bindSearchRoutes,
  bindTagRoutes,
  bindTicketBulkRoutes,
  bindTicketExportRoutes,
  bindTicketImportRoutes,
  bindTicketIntakeRoutes,
  bindTicketLinkRoutes,
  bindTicketMergeRoutes,
  bindUnreadMarkRoutes,
  bindWorkingHoursRoutes,
  bindWidgetHostRoutes,
];

export interface RouteParts {
  sessions: Sessions;
  secretBox: SecretBox;
  shared: SharedState;
  presence: PresenceService;
  outboundAllow: readonly string[];
  rateLimits: RateLimits;
  clock: Clock;
  files: FileParts;
}

/** Every route of every feature. */
export function bindRoutes(binder: Binder, parts: RouteParts): void {
  const { sessions, secretBox, shared, presence, outboundAllow, rateLimits, clock, files } = parts;
  for (const bind of PLAIN) bind(binder);
  bindPresenceRoutes(binder, presence);
  bindTicketRoutes(binder, shared);
  bindViewRoutes(binder, shared);
  bindSuggestionRoutes(binder, { secretBox, outboundAllow: outboundAllow });
  bindAuthRoutes(binder, sessions);
  bindOrganizationsRoutes(binder, sessions);
  bindProjectsRoutes(binder, secretBox);
  bindIdentitySecretRoutes(binder, secretBox);
  bindWidgetRoutes(binder, { shared, rateLimits, clock, files });
  bindFileRoutes(binder, files);
  bindWebhookRoutes(binder, shared, { secretBox, isAllowed: parseAllowList(outboundAllow) });
}
