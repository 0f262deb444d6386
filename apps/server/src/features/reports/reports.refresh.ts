import type { WorkingCalendar } from '#features/working-hours/calendar.types.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { addToBuckets, BucketDeltas, type HeldTicket, readHeld, writeHeld } from './report-buckets.repo.ts';
import { contributionsOf } from './report-facts.ts';
import { readTickets } from './report-sources.repo.ts';

/** Changes of buckets kept in memory: a ticket with many tags and years of messages has a hundred thousand. */
const HELD_DELTAS = 50_000;

/**
 * Works out anew what tickets add to the figures, and changes the buckets by the difference. The caller holds the
 * project's progress. A ticket that changes meanwhile has an event that is still to come.
 */
export async function refreshTickets(
  uow: Uow,
  projectId: number,
  calendar: WorkingCalendar,
  ids: readonly string[],
): Promise<void> {
  const before = new Map((await readHeld(uow.tx, projectId, ids)).map((held) => [held.ticket_id, held]));
  let deltas = new BucketDeltas();
  const changed: HeldTicket[] = [];
  for (const ticket of await readTickets(uow.tx, projectId, ids)) {
    const { id, channel_source, assignee, tags } = ticket;
    const after = {
      ticket_id: id,
      channel_source,
      assignee,
      tags,
      figures: contributionsOf(ticket, calendar),
    };
    const held = before.get(id);
    if (held ? isSame(held, after) : after.figures.length === 0) continue;
    if (held) deltas.add(held, -1);
    deltas.add(after, 1);
    changed.push(after);
    if (deltas.size < HELD_DELTAS) continue;
    await addToBuckets(uow.tx, projectId, deltas.all());
    deltas = new BucketDeltas();
  }
  if (changed.length === 0) return;
  await writeHeld(uow.tx, projectId, changed);
  await addToBuckets(uow.tx, projectId, deltas.all());
}

function isSame(a: HeldTicket, b: HeldTicket): boolean {
  const words = ({ channel_source, assignee, tags, figures }: HeldTicket) =>
    JSON.stringify([channel_source, assignee, tags, figures]);
  return words(a) === words(b);
}
