import { normalizeTags } from '#features/tags/tags.service.ts';
import { invalid } from '#platform/api-error.ts';

export type TagAction = 'add' | 'remove' | 'set';

/** ids times distinct tags in one request (tickets-api.md 2.13). */
const MAX_PRODUCT = 10_000;

/** The names a bulk action is about. */
export function readBulkTags(action: TagAction, tags: readonly string[], tickets: number): string[] {
  const names = normalizeTags(tags);
  if (names.length === 0 && action !== 'set')
    throw invalid('tags', `At least one tag is needed to ${action}.`, 'empty');
  if (tickets * names.length > MAX_PRODUCT) {
    throw invalid('tags', `Too many changes at once: tickets times tags may not exceed ${MAX_PRODUCT}.`);
  }
  return names;
}

/** The tags of one ticket after a bulk action. */
export function applyTags(action: TagAction, current: readonly string[], names: readonly string[]): string[] {
  if (action === 'set') return [...names];
  if (action === 'remove') return current.filter((name) => !names.includes(name));
  return normalizeTags([...current, ...names]);
}
