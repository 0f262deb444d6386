import type { PageOf } from '@parley/contract/schemas';
import type { TagOperation } from '@parley/contract/tag-management';
import type { Project } from '#platform/actor.ts';
import { notFound } from '#platform/api-error.ts';
import { pageLinks, readPage } from '#platform/http/page.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { presentOperation } from './tag-operations.present.ts';
import * as repo from './tag-operations.repo.ts';

/** `tags.operations`, newest first. */
export async function listOperations(
  { tx }: ReadContext,
  project: Project,
  query: { limit?: string; offset?: string },
  url: URL,
): Promise<PageOf<TagOperation>> {
  const page = readPage(query, 100, 1000);
  const count = await repo.count(tx, project.id);
  const rows = await repo.findPage(tx, project.id, page);
  return { count, ...pageLinks(url, page, count), results: rows.map(presentOperation) };
}

/** `tags.operation`, or 404. */
export async function showOperation(
  { tx }: ReadContext,
  project: Project,
  id: string,
): Promise<TagOperation> {
  const row = isUuid(id) ? await repo.find(tx, { project_id: project.id, id }) : undefined;
  if (!row) throw notFound();
  return presentOperation(row);
}
