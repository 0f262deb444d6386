import { sql } from 'kysely';
import { recordActivities } from '#features/activities/activities.service.ts';
import { recordProjectAudit } from '#features/audit-log/audit-log.service.ts';
import { releaseTags } from '#features/tags/tags.service.ts';
import { releaseMessages } from '#features/ticket-merge/thread-figures.service.ts';
import type { JobContext } from '#platform/jobs/worker.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { RESTORABLE_MS } from './tickets.delete.service.ts';

const BATCH = 100;

interface Purged {
  project_id: number;
  id: string;
  ticket_number: number;
  tags: string[];
}

async function purgeBatch(uow: Uow): Promise<number> {
  const before = new Date(uow.now.getTime() - RESTORABLE_MS);
  const { rows } = await sql<Purged>`
    /* system: tickets.purge */
    select project_id, id, ticket_number, tags from tickets where deleted_at < ${before} order by deleted_at
    limit ${BATCH} for update skip locked`.execute(uow.tx);
  for (const [projectId, tickets] of Map.groupBy(rows, (row) => row.project_id)) {
    const ids = tickets.map((ticket) => ticket.id);
    await releaseMessages(uow, projectId, ids);
    await sql`delete from tickets where project_id = ${projectId} and id = any(${ids}::uuid[])`.execute(
      uow.tx,
    );
    await sql`delete from outbox where project_id = ${projectId} and ticket_id = any(${ids}::uuid[])`.execute(
      uow.tx,
    );
    await forgetWords(uow, projectId, ids);
    releaseTags(
      uow,
      projectId,
      tickets.flatMap((ticket) => ticket.tags),
    );
    await recordActivities(
      uow,
      tickets.map((ticket) => ({
        projectId,
        ticketId: ticket.id,
        ticketNumber: ticket.ticket_number,
        activity: 'purged' as const,
      })),
    );
    const detail = { ticket_numbers: tickets.map((ticket) => ticket.ticket_number) };
    await recordProjectAudit(uow, projectId, { act: 'tickets.purge', detail });
  }
  return rows.length;
}

/** A key is remembered for a day (decisions.md 18); the hourly prune may be behind. */
const ANSWERS_KEPT_MS = 24 * 3_600_000;

/**
 * What was copied of the tickets goes too. Events keep their row and number, so that no reader misses one; what was
 * sent to webhooks goes whole. Answers kept for repeated requests are older than a day: none was given about these
 * tickets since they were deleted.
 */
async function forgetWords(uow: Uow, projectId: number, ids: readonly string[]): Promise<void> {
  const gone = sql`any(${[...ids]}::uuid[])`;
  await sql`
    update events set payload = '{}' where project_id = ${projectId} and ticket_id = ${gone}`.execute(uow.tx);
  await sql`
    delete from webhook_deliveries d using webhooks w
    where w.project_id = ${projectId} and d.project_id = ${projectId} and d.webhook_id = w.id
      and d.ticket_id = ${gone}`.execute(uow.tx);
  await sql`
    delete from idempotency_keys
    where project_id = ${projectId} and created_at < ${new Date(uow.now.getTime() - ANSWERS_KEPT_MS)}`.execute(
    uow.tx,
  );
}

/** Removes tickets whose grace time is over, with their messages and everything else that hangs on them. */
export async function run(context: JobContext): Promise<void> {
  while (!context.signal.aborted && (await context.run(purgeBatch)) === BATCH);
}
