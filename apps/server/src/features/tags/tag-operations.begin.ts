import type { TagOperation, TagOperationKind } from '@parley/contract/tag-management';
import { recordAudit } from '#features/audit-log/audit-log.service.ts';
import { replaceTagsInDrafts } from '#features/drafts/drafts.tags.service.ts';
import { replaceTagsInQuickActions } from '#features/quick-actions/quick-actions.tags.service.ts';
import { sumManyByFacets } from '#features/ticket-counts/ticket-counts.service.ts';
import { replaceTagsInViews } from '#features/views/views.tags.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid, notFound } from '#platform/api-error.ts';
import { holdClaim } from '#platform/claim.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { presentOperation } from './tag-operations.present.ts';
import * as repo from './tag-operations.repo.ts';
import { addToVocabulary, normalizeTags } from './tags.service.ts';

interface Wanted {
  kind: TagOperationKind;
  from: readonly string[];
  into: string | null;
}

/** `tags.rename`: 404 for a tag that is not there, 400 when there is one of the new name. */
export async function renameTag(uow: Uow, project: Project, name: string, to: string): Promise<TagOperation> {
  const [from, into] = [readName(name), requireName(to, 'name')];
  await holdOperations(uow, project);
  const mark = await repo.markOf(uow.tx, project.id, into);
  if (mark === null) throw invalid('name', 'There is a tag of this name. Merge the two instead.', 'unique');
  return begin(uow, project, { kind: 'rename', from: [from], into });
}

/** `tags.merge`: all tags of `from`, other than `into` itself, must be there. */
export async function mergeTags(
  uow: Uow,
  project: Project,
  input: { from: readonly string[]; into: string },
): Promise<TagOperation> {
  const into = requireName(input.into, 'into');
  const names = input.from.map((name, index) => requireName(name, `from__${index}`));
  const from = [...new Set(names)].filter((name) => name !== into);
  if (from.length === 0) throw invalid('from', 'Name a tag other than the one to merge into.', 'empty');
  await holdOperations(uow, project);
  for (const [index, name] of names.entries()) {
    if (name === into || (await repo.markOf(uow.tx, project.id, name)) === null) continue;
    throw invalid(`from__${index}`, 'There is no such tag.', 'does_not_exist');
  }
  return begin(uow, project, { kind: 'merge', from, into });
}

/** `tags.delete`: 404 for a tag that is not there. */
export async function deleteTag(uow: Uow, project: Project, name: string): Promise<TagOperation> {
  await holdOperations(uow, project);
  return begin(uow, project, { kind: 'delete', from: [readName(name)], into: null });
}

/** What a path calls a tag. One that no tag can have is not found. */
function readName(name: string): string {
  const normalized = name.trim().toLowerCase();
  if (normalized === '') throw notFound();
  return normalized;
}

function requireName(name: string, attr: string): string {
  const [normalized] = normalizeTags([name], attr);
  if (normalized === undefined) throw invalid(attr, 'This field may not be blank.', 'blank');
  return normalized;
}

/** One at a time begins in a project. Batches wait too: what they put on tickets may have to change. */
async function holdOperations(uow: Uow, project: Project): Promise<void> {
  await holdClaim(uow, `tags.operations:${project.id}`);
}

/** Retires the names, and has everything that is stored with them say the new one. Tickets follow in batches. */
async function begin(uow: Uow, project: Project, { kind, from, into }: Wanted): Promise<TagOperation> {
  const running = await repo.lockAllRunning(uow.tx, project.id);
  if (into !== null && (await repo.markOf(uow.tx, project.id, into)) != null)
    throw new ApiError('conflict', 'The new name is itself being renamed or deleted right now.');
  const key = { project_id: project.id, id: newId() };
  const retired = await repo.retireNames(uow.tx, key, from);
  if (retired.length < from.length) throw notFound();
  if (into !== null) await addToVocabulary(uow, project.id, [into]);
  for (const earlier of running) {
    if (earlier.replacement !== null && from.includes(earlier.replacement))
      await repo.update(uow.tx, earlier, { replacement: into });
  }
  const operation = await repo.insert(uow.tx, {
    ...key,
    kind,
    from_tags: [...from],
    into_tag: into,
    replacement: into,
    state: 'running',
    tickets_total: await countTagged(uow, project, from),
    created_at: uow.now,
  });
  await replaceTagsInViews(uow, project.id, from, into);
  await replaceTagsInQuickActions(uow, project.id, from, into);
  await replaceTagsInDrafts(uow, project.id, from, into);
  await recordAudit(uow, project, {
    act: `tags.${kind}`,
    target: { type: 'tag', id: key.id, name: from.join(', ') },
    detail: { from, into },
  });
  uow.emit({
    name: `tags.${kind}`,
    projectId: project.id,
    resourceId: key.id,
    resourceVersion: 1,
    payload: { operation_id: key.id, from, into },
  });
  return presentOperation(operation);
}

/** Deleted tickets are counted too, for they follow as well; one with two of the tags is counted twice. */
async function countTagged(uow: Uow, project: Project, names: readonly string[]): Promise<number> {
  const selections = names.flatMap((tag) => [
    { tag, deleted: false },
    { tag, deleted: true },
  ]);
  const sums = await sumManyByFacets(uow, project.id, selections);
  return sums.reduce((total, { tickets }) => total + tickets, 0);
}
