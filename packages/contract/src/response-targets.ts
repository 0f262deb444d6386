/** Without schemas, so that the SDK can bring the rule along. */
export interface ResponseTargetGroup {
  label: string;
  tags: string[];
}

export const RESPONSE_TARGETS_MAX = 20;

/** What holds while a project has no ladder of its own, or one that cannot be read. */
export const DEFAULT_RESPONSE_TARGETS: readonly ResponseTargetGroup[] = [
  { label: 'Triage', tags: [] },
  { label: 'Urgent', tags: ['urgent'] },
  { label: 'VIP', tags: ['vip'] },
];

/**
 * The ladder in the settings of a project, lowest group first. A ladder that is malformed, empty or names a label twice
 * counts as none: a ticket must never be without a group.
 */
export function readResponseTargets(settings: {
  response_target_groups?: unknown;
}): readonly ResponseTargetGroup[] {
  const { response_target_groups: stored } = settings;
  if (!Array.isArray(stored) || stored.length === 0 || stored.length > RESPONSE_TARGETS_MAX)
    return DEFAULT_RESPONSE_TARGETS;
  const groups = stored.map(readGroup);
  const isWhole = groups.every((group) => group !== undefined);
  const labels = new Set(groups.map((group) => group?.label));
  return isWhole && labels.size === groups.length ? groups : DEFAULT_RESPONSE_TARGETS;
}

function readGroup(value: unknown): ResponseTargetGroup | undefined {
  if (typeof value !== 'object' || value === null || !('label' in value) || !('tags' in value))
    return undefined;
  const { label, tags } = value;
  if (typeof label !== 'string' || label.trim() === '' || !Array.isArray(tags)) return undefined;
  return tags.every((tag) => typeof tag === 'string') ? { label, tags } : undefined;
}

/**
 * The group a ticket with these tags belongs to: the highest that has one of them, letter by letter. One without a
 * match belongs to the first, because it still has to be looked at.
 */
export function responseTargetOf(
  tags: readonly string[],
  ladder: readonly ResponseTargetGroup[],
): ResponseTargetGroup {
  const [first] = DEFAULT_RESPONSE_TARGETS;
  const lowest = ladder[0] ?? first;
  if (!lowest) throw new Error('There always is a first group.');
  return ladder.findLast((group) => group.tags.some((tag) => tags.includes(tag))) ?? lowest;
}
