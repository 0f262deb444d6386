import { sql } from 'kysely';
import { invalid } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { cleanTags } from './tags.jobs.ts';

const MAX_LENGTH = 255;

/** Trimmed, lower-cased, without blanks and doubles, sorted (tickets-api.md 2.5 rule 8). */
export function normalizeTags(names: readonly string[], attr = 'tags'): string[] {
  const normalized = names.map((name) => name.trim().toLowerCase()).filter(Boolean);
  // A few letters grow when they are lower-cased, past what the request's schema has checked.
  if (normalized.some((name) => [...name].length > MAX_LENGTH)) {
    throw invalid(attr, `Ensure each tag has no more than ${MAX_LENGTH} characters.`, 'max_length');
  }
  return [...new Set(normalized)].sort();
}

/** A name may vanish between the two statements below, each time because somebody cleaned it up just then. */
const ATTEMPTS = 5;

/**
 * Puts names into the project's vocabulary. The rows are held with a shared lock: writers of the same tag do not wait
 * for each other, and the clean-up waits for all of them.
 */
export async function addToVocabulary(uow: Uow, projectId: number, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const sorted = [...names].sort();
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    await sql`
      insert into tags (project_id, name, created_at)
      select ${projectId}, name, ${uow.now} from unnest(${sorted}::text[]) as name
      on conflict (project_id, name) do nothing`.execute(uow.tx);
    const { rows } = await sql`
      select name from tags where project_id = ${projectId} and name = any(${sorted}::text[])
      order by name for key share`.execute(uow.tx);
    if (rows.length === sorted.length) return;
  }
  throw new Error('A tag was cleaned up again and again while it was being added.');
}

/** Names that a ticket lost; a job removes those that nothing uses any more. */
export function releaseTags(uow: Uow, projectId: number, names: readonly string[]): void {
  if (names.length > 0) uow.enqueue(cleanTags.call({ projectId, names: [...new Set(names)].sort() }));
}

/**
 * Removes names that no ticket of the project has. Each is locked first: a writer that just put it on a ticket holds
 * that lock until its commit, and the second statement then sees its ticket. A name that is being renamed or deleted
 * stays: its row is what the end of that waits for.
 */
export async function removeUnusedTags(
  uow: Uow,
  projectId: number,
  names: readonly string[],
): Promise<string[]> {
  await sql`
    select name from tags where project_id = ${projectId} and name = any(${[...names]}::text[])
    order by name for update`.execute(uow.tx);
  const { rows } = await sql<{ name: string }>`
    delete from tags g where g.project_id = ${projectId} and g.name = any(${[...names]}::text[])
      and g.operation_id is null
      and not exists (select from tickets t where t.project_id = g.project_id and t.tags @> array[g.name])
    returning g.name`.execute(uow.tx);
  return rows.map((row) => row.name);
}
