import { sql } from 'kysely';
import { addToVocabulary } from '#features/tags/tags.service.ts';
import { holdMerges } from '#features/ticket-merge/thread-head.service.ts';
import { findMerge, unmergeTicket } from '#features/ticket-merge/tickets.unmerge.service.ts';
import { changeTickets, type TicketChange } from '#features/tickets/tickets.change.service.ts';
import {
  isRestorable,
  lockThreads,
  restoreThreads,
  type Thread,
} from '#features/tickets/tickets.delete.service.ts';
import { canStillHave, returnToFormer } from '#features/tickets/tickets.former.service.ts';
import { lockTickets } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { formatInstant } from '#platform/instant.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { NOT_FOUND, type SkippedTicket } from './bulk-result.ts';
import { UNDO_MS, type UndoEntry } from './undo.service.ts';

type NotUndone = SkippedTicket & { fields: string[] };
type EntryOf<K extends UndoEntry['kind']> = Extract<UndoEntry, { kind: K }>;

const CHANGED = { code: 'changed', detail: 'It was changed since' } as const;

/** How an undo went, ticket by ticket. */
class Undone {
  readonly ids: string[] = [];
  readonly skipped: NotUndone[] = [];

  skip(id: string, why: { code: string; detail: string }, fields: readonly string[]): void {
    this.skipped.push({ id, ...why, fields: [...fields] });
  }
}

/** Takes a bulk action of the caller's back, where nobody changed since what it had set (case I29). */
export async function undoBulkUpdate(uow: Uow, project: Project, undoId: string) {
  const entries = await takeUndo(uow, project, undoId);
  const kindOf = <K extends UndoEntry['kind']>(kind: K) =>
    // Every entry of one action is of one kind.
    entries.filter((entry) => entry.kind === kind) as EntryOf<K>[];
  const undone = new Undone();
  const merges = kindOf('merge');
  if (merges.length > 0) await undoMerges(uow, project, merges, undone);
  await undoDeletions(uow, project, kindOf('delete'), undone);
  await undoFields(uow, project, kindOf('fields'), undone);
  return { updated: undone.ids.length, ids: undone.ids, skipped: undone.skipped };
}

/** Marks it as used. Two at once: the second waits here and is told so. */
async function takeUndo(uow: Uow, project: Project, id: string): Promise<UndoEntry[]> {
  const { rows } = await sql<{ changes: UndoEntry[]; undone_at: Date | null }>`
    select u.changes, u.undone_at from undos u
    where u.project_id = ${project.id} and u.id = ${id} and u.user_id = ${requireUser(uow.actor).id}
      and u.created_at > ${new Date(uow.now.getTime() - UNDO_MS)} for update`.execute(uow.tx);
  const [row] = rows;
  if (!row) throw invalid('undo_id', 'There is nothing to take back under this id.', 'does_not_exist');
  if (row.undone_at) throw new ApiError('conflict', 'It was taken back already.', { attr: 'undo_id' });
  await sql`
    update undos set undone_at = ${uow.now} where project_id = ${project.id} and id = ${id}`.execute(uow.tx);
  return row.changes;
}

async function undoFields(
  uow: Uow,
  project: Project,
  entries: readonly EntryOf<'fields'>[],
  undone: Undone,
): Promise<void> {
  const ids = entries.map(({ id }) => id);
  const tickets = new Map((await lockTickets(uow, project, ids)).map((ticket) => [ticket.id, ticket]));
  const canHave = rememberAssignees(uow, project);
  const wanted: TicketChange[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    const ticket = tickets.get(entry.id);
    if (!ticket) {
      undone.skip(entry.id, NOT_FOUND, []);
      continue;
    }
    const { changes, kept } = returnToFormer(ticket, entry, uow.now);
    if (kept.length > 0) undone.skip(ticket.id, CHANGED, kept);
    if (!(await canHave(changes))) {
      delete changes.assignee_user_id;
      delete changes.assignee_role_id;
      const detail = 'The former assignee is no longer there';
      undone.skip(ticket.id, { code: 'does_not_exist', detail }, ['assignee']);
    }
    for (const name of formerTags(entry)) names.add(name);
    if (Object.keys(changes).length > 0) wanted.push({ ticket, changes });
  }
  await addToVocabulary(uow, project.id, [...names]);
  for (const { after } of await changeTickets(uow, wanted)) undone.ids.push(after.id);
}

/** Hundreds of tickets go back to one assignee, who is looked up once. */
function rememberAssignees(uow: Uow, project: Project) {
  const known = new Map<string, boolean>();
  return async (changes: TicketChange['changes']): Promise<boolean> => {
    const key = JSON.stringify([changes.assignee_user_id ?? null, changes.assignee_role_id ?? null]);
    const can = known.get(key) ?? (await canStillHave(uow, project, changes));
    known.set(key, can);
    return can;
  };
}

function formerTags({ before }: EntryOf<'fields'>): string[] {
  return Array.isArray(before.tags) ? before.tags.filter((name) => typeof name === 'string') : [];
}

/** A merged ticket that was deleted with its thread comes back with it. */
async function undoDeletions(
  uow: Uow,
  project: Project,
  entries: readonly EntryOf<'delete'>[],
  undone: Undone,
): Promise<void> {
  const locked = await lockThreads(
    uow,
    project,
    entries.map(({ id }) => id),
  );
  const threads = new Map(locked.map((thread) => [thread.head.id, thread]));
  const wanted: Thread[] = [];
  const restored = new Set<string>();
  for (const { id, deleted_at } of entries) {
    const thread = threads.get(id);
    const { head } = thread ?? {};
    if (!thread || !head?.deleted_at || formatInstant(head.deleted_at) !== deleted_at) continue;
    if (!isRestorable(uow, head)) continue;
    wanted.push(thread);
    for (const each of [head.id, ...head.merged_ticket_ids]) restored.add(each);
  }
  await restoreThreads(uow, project, wanted);
  for (const { id } of entries) {
    if (restored.has(id)) undone.ids.push(id);
    else if (threads.has(id)) undone.skip(id, CHANGED, ['deleted']);
    else undone.skip(id, NOT_FOUND, []);
  }
}

async function undoMerges(
  uow: Uow,
  project: Project,
  entries: readonly EntryOf<'merge'>[],
  undone: Undone,
): Promise<void> {
  await holdMerges(uow, project);
  for (const { id, merged_at } of entries) {
    const merge = await findMerge(uow, project, id);
    if (!merge || formatInstant(merge.merged_at) !== merged_at) {
      undone.skip(id, CHANGED, ['merge']);
      continue;
    }
    await unmergeTicket(uow, project, id);
    undone.ids.push(id);
  }
}
