import { TICKET_TAGS_MAX } from '@parley/contract/tickets';
import type { TicketChanges } from '#features/tickets/tickets.change.service.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-merges.repo.ts';

/** What a ticket has because of a merge. Two merges into it may have brought the same: the last to end takes it along. */
interface Brought {
  tags: string[];
  cc: string[];
}

const isIn = (list: readonly unknown[]) => (item: unknown) => list.includes(item);
const isNotIn = (list: readonly unknown[]) => (item: unknown) => !list.includes(item);

/**
 * The tags of the source, as many as its target may have, and the address of its customer with those that merges into
 * it brought. The target's own are not among them.
 */
export async function bring(uow: Uow, source: TicketRow, target: TicketRow) {
  const merges = await repo.findInto(uow.tx, source.project_id, [source.id, target.id]);
  const into = (ticket: TicketRow) => merges.filter(({ target_id }) => target_id === ticket.id);
  const own = target.email_from?.toLowerCase();
  const addresses = [source.email_from?.toLowerCase(), ...into(source).flatMap(({ added_cc }) => added_cc)];
  const cc = [...new Set(addresses.filter((address) => address !== undefined))].filter(
    (address) => address !== own,
  );
  const present = target.cc_participants.map((entry) =>
    typeof entry === 'string' ? entry.toLowerCase() : entry,
  );
  const room = Math.max(TICKET_TAGS_MAX - target.tags.length, 0);
  const fresh = {
    tags: source.tags.filter(isNotIn(target.tags)).slice(0, room),
    cc: cc.filter(isNotIn(present)),
  };
  const shared = into(target);
  const brought: Brought = {
    tags: [
      ...fresh.tags,
      ...source.tags.filter(isIn(target.tags)).filter(isIn(shared.flatMap((merge) => merge.added_tags))),
    ],
    cc: [...fresh.cc, ...cc.filter(isIn(present)).filter(isIn(shared.flatMap((merge) => merge.added_cc)))],
  };
  return { brought, fresh, changes: withBrought(target, fresh) };
}

function withBrought(target: TicketRow, { tags, cc }: Brought): TicketChanges {
  return {
    ...(tags.length > 0 ? { tags: [...target.tags, ...tags].sort() } : {}),
    ...(cc.length > 0 ? { cc_participants: JSON.stringify([...target.cc_participants, ...cc]) } : {}),
  };
}

/**
 * What the end of a merge takes from the tickets in which its thread went on, nearest first: what it brought to the
 * nearest, and what that one in turn brought to the next because of it. What another merge brought too stays.
 */
export async function takeAlong(
  uow: Uow,
  merge: repo.MergeRow,
  targets: readonly TicketRow[],
): Promise<TicketChanges[]> {
  const ids = targets.map(({ id }) => id);
  const merges = await repo.findInto(uow.tx, merge.project_id, ids);
  const changes: TicketChanges[] = [];
  let lost: Brought = { tags: merge.added_tags, cc: merge.added_cc };
  let sourceId = merge.source_id;
  for (const target of targets) {
    const link = merges.find(({ source_id }) => source_id === sourceId);
    if (link) {
      const { tags, cc } = lost;
      lost = { tags: link.added_tags.filter(isIn(tags)), cc: link.added_cc.filter(isIn(cc)) };
      await repo.setBrought(uow.tx, link, {
        added_tags: link.added_tags.filter(isNotIn(tags)),
        added_cc: link.added_cc.filter(isNotIn(cc)),
      });
    }
    const others = merges.filter((each) => each.target_id === target.id && each.source_id !== sourceId);
    lost = {
      tags: lost.tags.filter(isNotIn(others.flatMap(({ added_tags }) => added_tags))),
      cc: lost.cc.filter(isNotIn(others.flatMap(({ added_cc }) => added_cc))),
    };
    changes.push(without(target, lost));
    sourceId = target.id;
  }
  return changes;
}

function without(target: TicketRow, lost: Brought): TicketChanges {
  const tags = target.tags.filter(isNotIn(lost.tags));
  const cc = target.cc_participants.filter(isNotIn(lost.cc));
  return {
    ...(tags.length < target.tags.length ? { tags } : {}),
    ...(cc.length < target.cc_participants.length ? { cc_participants: JSON.stringify(cc) } : {}),
  };
}
