import { sql } from 'kysely';
import { replaceBroughtTags } from '#features/ticket-merge/brought-tags.service.ts';
import { eachAlone } from '#platform/each-alone.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import * as repo from './tag-operations.repo.ts';
import { addToVocabulary } from './tags.service.ts';

type Run = <T>(work: (uow: Uow) => Promise<T>) => Promise<T>;

/** Tickets changed in one transaction: their locks are held that long. */
const BATCH = 500;
/** Operations looked at in one pass; the others wait for these. */
const AT_ONCE = 100;

/**
 * Does the next batch of every operation that is not done. Several nodes may do this at once, and a process may die at
 * any point of it: a batch and its progress commit together. One operation that fails holds up no other. True when
 * there is more to do.
 */
export async function applyTagOperations(run: Run): Promise<boolean> {
  const running = await run((uow) => repo.findRunning(uow.tx, AT_ONCE));
  const applyOne = (key: repo.OperationKey) => run((uow) => applyBatch(uow, key));
  const more = await eachAlone(running, applyOne, (failed) => `${failed} tag operations failed`);
  return more.includes(true);
}

async function applyBatch(uow: Uow, key: repo.OperationKey): Promise<boolean> {
  // A look through every ticket of the project, where few have the tag.
  await sql`set local statement_timeout = 0`.execute(uow.tx);
  const operation = await repo.lockRunning(uow.tx, key);
  if (!operation) return false;
  const tickets = await repo.lockTagged(uow.tx, operation, BATCH);
  if (tickets.length === 0) return finish(uow, operation);
  const { project_id, from_tags, replacement } = operation;
  if (replacement !== null) await addToVocabulary(uow, project_id, [replacement]);
  const retagged = tickets
    .filter(({ tags }) => tags.some((tag) => from_tags.includes(tag)))
    .map(({ id, tags }) => ({ id, tags: retag(tags, from_tags, replacement) }));
  const ids = retagged.map(({ id }) => id);
  await replaceBroughtTags(uow, project_id, ids, from_tags, replacement);
  await repo.writeTags(uow.tx, project_id, retagged);
  await repo.update(uow.tx, key, {
    after_number: Math.max(...tickets.map(({ ticket_number }) => ticket_number)),
    tickets_changed: operation.tickets_changed + retagged.length,
  });
  return true;
}

/** Distinct and sorted, as tags of a ticket are. */
function retag(tags: readonly string[], from: readonly string[], into: string | null): string[] {
  const kept = tags.filter((tag) => !from.includes(tag));
  return [...new Set(into === null ? kept : [...kept, into])].sort();
}

/** At the end of a round: where somebody used a tag behind its back, another round begins. */
async function finish(uow: Uow, operation: repo.TagOperationRow): Promise<boolean> {
  if (!(await repo.removeRetired(uow.tx, operation))) {
    await repo.update(uow.tx, operation, { after_number: 0 });
    return true;
  }
  const { project_id, id, kind, from_tags: from, replacement: into, tickets_changed } = operation;
  await repo.update(uow.tx, operation, { state: 'done', finished_at: uow.now });
  uow.emit({
    name: 'tags.finish',
    projectId: project_id,
    resourceId: id,
    resourceVersion: 2,
    payload: { operation_id: id, kind, from, into, tickets_changed },
  });
  return false;
}
