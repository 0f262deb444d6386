import { activities } from './activities.ts';
import { apiKeys } from './api-keys.ts';
import { auditLog } from './audit-log.ts';
import { availability } from './availability.ts';
import { comments } from './comments.ts';
import { contentArticles } from './content-articles.ts';
import { drafts } from './drafts.ts';
import { emailConfigs } from './email-configs.ts';
import { externalTickets } from './external-tickets.ts';
import { files } from './files.ts';
import { followers } from './followers.ts';
import { guidanceRules } from './guidance-rules.ts';
import { identitySecrets } from './identity-secrets.ts';
import { internalTickets } from './internal-tickets.ts';
import { invitations } from './invitations.ts';
import { messageExtras } from './message-extras.ts';
import { messages } from './messages.ts';
import { notifications } from './notifications.ts';
import { members, organizations } from './organizations.ts';
import { pageEvents } from './page-events.ts';
import { sessions, users } from './people.ts';
import { persons } from './persons.ts';
import { preferences } from './preferences.ts';
import { presence } from './presence.ts';
import { projectAccess } from './project-access.ts';
import { projectSecrets } from './project-secrets.ts';
import { projects } from './projects.ts';
import { quickActions } from './quick-actions.ts';
import { reports } from './reports.ts';
import { roles } from './roles.ts';
import { scheduledReplies } from './scheduled-replies.ts';
import { search } from './search.ts';
import { stream } from './stream.ts';
import { tagManagement } from './tag-management.ts';
import { tags } from './tags.ts';
import { ticketBulk } from './ticket-bulk.ts';
import { ticketExports } from './ticket-exports.ts';
import { ticketImports } from './ticket-imports.ts';
import { ticketLinks } from './ticket-links.ts';
import { ticketMerge } from './ticket-merge.ts';
import { tickets } from './tickets.ts';
import { unreadMarks } from './unread-marks.ts';
import { viewCounts } from './view-counts.ts';
import { views } from './views.ts';
import { webhooks } from './webhooks.ts';
import { widget } from './widget.ts';
import { workingHours } from './working-hours.ts';

/** Every operation of the API. The SDK's calls are made from it. */
export const contract = {
  activities,
  apiKeys,
  auditLog,
  availability,
  comments,
  contentArticles,
  drafts,
  emailConfigs,
  externalTickets,
  files,
  followers,
  guidanceRules,
  identitySecrets,
  internalTickets,
  invitations,
  members,
  messageExtras,
  messages,
  notifications,
  organizations,
  persons,
  preferences,
  presence,
  projectAccess,
  projectSecrets,
  projects,
  quickActions,
  reports,
  roles,
  scheduledReplies,
  search,
  sessions,
  stream,
  tagManagement,
  tags,
  ticketBulk,
  ticketExports,
  ticketImports,
  pageEvents,
  ticketLinks,
  ticketMerge,
  tickets,
  unreadMarks,
  users,
  viewCounts,
  views,
  webhooks,
  widget,
  workingHours,
};

export type Contract = typeof contract;
