const ALLOWED = /^(?:https?:|mailto:|tel:)/i;
/** What scripts hide in: control characters and those without a width. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const HIDDEN = /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g;

/** An address as it may be followed; undefined for what runs something, or leads nobody knows where (widget.md 9.6). */
export function safeLink(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  const bare = address.replace(HIDDEN, '');
  if (!ALLOWED.test(bare)) return undefined;
  return URL.canParse(bare) ? bare : undefined;
}

/** Pictures are only ever fetched from the web. */
export function safePicture(address: unknown): string | undefined {
  const link = safeLink(address);
  return link !== undefined && /^https?:/i.test(link) ? link : undefined;
}
