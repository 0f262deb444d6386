import { type Actor, recordActor, triggerOf } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import { DEFER, type Uow } from '#platform/unit-of-work.ts';

/** One field that changed (tickets-api.md 6.4). */
export interface Change {
  type: 'Ticket';
  field: string;
  action: 'changed' | 'created' | 'deleted';
  before?: unknown;
  after?: unknown;
}

export interface NewActivity {
  projectId: number;
  ticketId: string;
  ticketNumber: number;
  activity:
    | 'created'
    | 'updated'
    | 'assigned'
    | 'deleted'
    | 'restored'
    | 'purged'
    | 'merged'
    | 'unmerged'
    | 'split'
    | 'linked'
    | 'unlinked';
  changes?: readonly Change[];
}

/** Rows of one statement: it may hold 65,535 parameters, and a bulk change of tags writes ten thousand rows. */
const INSERTED = 1000;

/** Writes what was done to tickets, with who did it, in the transaction of the doing. */
export async function recordActivities(uow: Uow, activities: readonly NewActivity[]): Promise<void> {
  if (activities.length === 0) return;
  const actor = JSON.stringify(recordActor(uow.actor));
  const trigger = shownTrigger(uow.actor);
  const rows = activities.map(({ projectId, ticketId, ticketNumber, activity, changes = [] }) => ({
    project_id: projectId,
    id: newId(),
    ticket_id: ticketId,
    activity,
    detail: JSON.stringify({ name: `Ticket #${ticketNumber}`, changes, ...trigger }),
    actor,
    created_at: uow.now,
  }));
  for (let start = 0; start < rows.length; start += INSERTED) {
    await uow.tx
      .insertInto('activities')
      .values(rows.slice(start, start + INSERTED))
      .modifyEnd(DEFER)
      .execute();
  }
}

/** The workflow that set a change off, in the published form (tickets-api.md 4.7). */
function shownTrigger(actor: Actor): object {
  const trigger = triggerOf(actor);
  return trigger ? { trigger: { job_type: trigger.type, job_id: trigger.id, payload: {} } } : {};
}
