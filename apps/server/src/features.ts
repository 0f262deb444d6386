import type { Database } from '@parley/db/database';
import { cleanAuth } from '#features/auth/auth.jobs.ts';
import { purgeFiles } from '#features/files/files.purge.ts';
import { pruneNotifications } from '#features/notifications/notifications.jobs.ts';
import { projectNotifications } from '#features/notifications/notifications.project.service.ts';
import { recountAllReports } from '#features/reports/reports.jobs.ts';
import { projectReports } from '#features/reports/reports.project.service.ts';
import {
  sendDueReplies,
  watchScheduledReplies,
} from '#features/scheduled-replies/scheduled-replies.sweep.service.ts';
import { applyTagOperations } from '#features/tags/tag-operations.apply.service.ts';
import { tagReactions } from '#features/tags/tags.events.ts';
import { cleanTags } from '#features/tags/tags.jobs.ts';
import { ticketCountSweeps } from '#features/ticket-counts/ticket-counts.fold.ts';
import { ticketCountJobs } from '#features/ticket-counts/ticket-counts.jobs.ts';
import { ticketJobs } from '#features/tickets/tickets.jobs.ts';
import { reportBreachedDeadlines, reportDeadlinesAtRisk } from '#features/tickets/tickets.sla.ts';
import { wakeSnoozedTickets } from '#features/tickets/tickets.wake.ts';
import { mailRestoreLink } from '#features/widget/widget.jobs.ts';
import type { Actor } from '#platform/actor.ts';
import { embeddedUpkeep } from '#platform/embedded-upkeep.ts';
import type { Reactions } from '#platform/events/event.ts';
import type { JobDefinition } from '#platform/jobs/job.ts';
import { prune } from '#platform/prune.jobs.ts';
import type { FileStorage } from '#platform/storage/file-storage.ts';
import type { Sweep } from '#platform/sweeper.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** Every job there is. */
export const JOBS: readonly JobDefinition[] = [
  cleanAuth,
  cleanTags,
  pruneNotifications,
  recountAllReports,
  ticketCountJobs.recount,
  ticketJobs.purge,
  mailRestoreLink,
  prune,
];

/** What follows which event, out of the features' tables. */
export const REACTIONS: readonly Reactions[] = [tagReactions];

/** As the system, unless an actor is named. */
type Run = <T>(work: (uow: Uow) => Promise<T>, actor?: Actor) => Promise<T>;

/** What the scheduler repeats. */
export function sweepsOf(run: Run, database: Database, storage: FileStorage): Sweep[] {
  return [
    ...embeddedUpkeep(database),
    { name: 'tickets.wake', everyMs: 1000, run: async () => (await run(wakeSnoozedTickets)) > 0 },
    {
      name: 'tickets.sla_breached',
      everyMs: 2000,
      run: async () => (await run(reportBreachedDeadlines)) > 0,
    },
    { name: 'tickets.sla_at_risk', everyMs: 5000, run: async () => (await run(reportDeadlinesAtRisk)) > 0 },
    { name: 'scheduled_replies.send', everyMs: 1000, run: () => sendDueReplies(run) },
    {
      name: 'scheduled_replies.watch',
      everyMs: 5000,
      run: async () => (await run(watchScheduledReplies)) > 0,
    },
    { name: 'notifications.project', everyMs: 500, run: () => projectNotifications(run) },
    { name: 'reports.project', everyMs: 10_000, run: () => projectReports(run) },
    { name: 'files.purge', everyMs: 600_000, run: () => purgeFiles(run, storage) },
    { name: 'tags.apply', everyMs: 500, run: () => applyTagOperations(run) },
    ...ticketCountSweeps(run, (text) => database.script(text)),
  ];
}
