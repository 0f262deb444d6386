import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { toInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import type { ImportRow } from './ticket-imports.row.ts';

/** Version 7 holds its own time, and the log of a ticket is in the order of the ids. */
const TIMED = /^.{14}7/;

/**
 * The id an entry is stored under: its own, or one that is made of its date, the same in every run. So entries of other
 * systems come in their order, too.
 */
function activityId(ticketId: string, id: string, at: Date): string {
  if (TIMED.test(id)) return id.toLowerCase();
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0').slice(-12);
  const rest = createHash('sha256').update(`${ticketId}:${id}`).digest('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

/** What was done to new tickets before they came here. */
export async function importActivities(
  uow: Uow,
  projectId: number,
  rows: readonly ImportRow[],
): Promise<void> {
  const entries = rows.flatMap(({ ticket }) =>
    (ticket.activities ?? []).map(({ id, activity, detail, actor, created_at }) => {
      const at = toInstant(created_at);
      const ticketId = ticket.id.toLowerCase();
      return {
        id: activityId(ticketId, id, at),
        ticket_id: ticketId,
        activity,
        detail,
        actor,
        at: at.toISOString(),
      };
    }),
  );
  if (entries.length === 0) return;
  await sql`
    insert into activities (project_id, id, ticket_id, activity, detail, actor, created_at)
    select ${projectId}, a.id, a.ticket_id, a.activity, a.detail, a.actor, a.at
    from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb)
      as a(id uuid, ticket_id uuid, activity text, detail jsonb, actor jsonb, at timestamptz)
    on conflict (project_id, id) do nothing`.execute(uow.tx);
}
