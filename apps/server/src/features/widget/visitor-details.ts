import { firstCharacters } from '#platform/text.ts';

const TRAIT_KEY_MAX = 200;
const TRAIT_MAX = 500;
const TRAITS = 50;
const CONTEXT_KEY_MAX = 100;
const CONTEXT_TEXT_MAX = 2000;
const CONTEXT_ENTRIES = 20;

type Scalar = string | number | boolean | null;

/** What a site says of its customer, as it may be kept: texts and null. Nothing of it is refused (widget.md 5.1). */
export function cleanTraits(traits: Readonly<Record<string, unknown>> = {}): Record<string, string | null> {
  return keep(traits, TRAIT_KEY_MAX, TRAITS, (value) => {
    if (value === null) return null;
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? firstCharacters(value, TRAIT_MAX) : undefined;
  });
}

/** What a browser says of the page and session, as it may be kept: scalars of any type. */
export function cleanContext(context: Readonly<Record<string, unknown>> = {}): Record<string, Scalar> {
  return keep(context, CONTEXT_KEY_MAX, CONTEXT_ENTRIES, (value) => {
    if (typeof value === 'string') return firstCharacters(value, CONTEXT_TEXT_MAX);
    return value === null || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  });
}

/** The first entries that fit; undefined drops one. */
function keep<T extends Scalar>(
  entries: Readonly<Record<string, unknown>>,
  keyMax: number,
  most: number,
  clean: (value: unknown) => T | undefined,
): Record<string, T> {
  const kept: [string, T][] = [];
  for (const [key, value] of Object.entries(entries)) {
    if (kept.length === most) break;
    if ([...key].length > keyMax) continue;
    const cleaned = clean(value);
    if (cleaned !== undefined) kept.push([key, cleaned]);
  }
  return Object.fromEntries(kept);
}
