import { type RawBuilder, sql } from 'kysely';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { ticketEvent } from './tickets.events.ts';
import { lockMany, type TicketRow } from './tickets.repo.ts';

const BATCH = 100;
/** A deadline this near is at risk (inbox.md 9). */
const AT_RISK_MS = 3_600_000;

interface Due {
  project_id: number;
  id: string;
}

/**
 * Reports deadlines that have passed, each once; a resolved ticket misses none (decisions.md 26). Returns how many it
 * reported. Several nodes may run it at once: each skips what another has locked.
 */
export async function reportBreachedDeadlines(uow: Uow): Promise<number> {
  const { rows } = await sql<Due>`
    /* system: tickets.sla */
    select project_id, id from tickets
    where sla_due_at <= ${uow.now} and deleted_at is null and status <> 'resolved'
      and sla_due_at is distinct from sla_breached_for
    order by sla_due_at limit ${BATCH} for update skip locked`.execute(uow.tx);
  // Too late to be at risk: whoever hears of the breach needs no warning.
  const marks = sql`sla_breached_for = sla_due_at, sla_at_risk_for = sla_due_at`;
  return report(uow, 'tickets.sla_breached', rows, marks);
}

/** Reports deadlines that are an hour or less away, each once. As above. */
export async function reportDeadlinesAtRisk(uow: Uow): Promise<number> {
  const soon = new Date(uow.now.getTime() + AT_RISK_MS);
  const { rows } = await sql<Due>`
    /* system: tickets.sla */
    select project_id, id from tickets
    where sla_due_at > ${uow.now} and sla_due_at <= ${soon} and deleted_at is null and status <> 'resolved'
      and sla_due_at is distinct from sla_at_risk_for
    order by sla_due_at limit ${BATCH} for update skip locked`.execute(uow.tx);
  return report(uow, 'tickets.sla_at_risk', rows, sql`sla_at_risk_for = sla_due_at`);
}

/** The marks are no change of the ticket: neither its version nor updated_at moves. */
async function report(
  uow: Uow,
  name: 'tickets.sla_at_risk' | 'tickets.sla_breached',
  due: readonly Due[],
  marks: RawBuilder<unknown>,
): Promise<number> {
  for (const [projectId, rows] of Map.groupBy(due, (row) => row.project_id)) {
    const ids = rows.map((row) => row.id);
    for (const ticket of await lockMany(uow.tx, projectId, ids))
      uow.emit(ticketEvent(name, ticket, slaOf(ticket, uow)));
    await sql`
      update tickets set ${marks} where project_id = ${projectId} and id = any(${ids}::uuid[])`.execute(
      uow.tx,
    );
  }
  return due.length;
}

function slaOf({ sla_due_at: due }: TicketRow, { now }: Uow): object {
  if (due === null) return {};
  return {
    sla_due_at: formatInstant(due),
    // Positive = late, as in the events of messages (tickets-api.md 6.5).
    sla_delta_seconds: Math.round((now.getTime() - due.getTime()) / 1000),
  };
}
