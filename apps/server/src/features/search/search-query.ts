/** A piece of a query: a word or phrase, or an operator with its value. */
export interface Term {
  /** As it was written, for warnings. */
  written: string;
  excluded: boolean;
  /** Lower case; undefined for free text. */
  operator: string | undefined;
  value: string;
}

const OPERATOR = /^([a-z_]+):/i;

/**
 * Takes a query apart (search.tickets): terms are divided by blanks, quotes keep blanks together, `-` before a term
 * excludes, and `name:` makes an operator. Nothing is an error: a quote that is never closed reaches to the end, a
 * lone `-` is a word, and a name without a value is text.
 */
export function parseQuery(query: string): Term[] {
  const terms: Term[] = [];
  let rest = query.trim();
  while (rest !== '') {
    const isExclusion = /^-[^\s-]/.test(rest);
    const body = isExclusion ? rest.slice(1) : rest;
    const name = OPERATOR.exec(body)?.[1];
    const head = name === undefined ? 0 : name.length + 1;
    const { value, length } = readValue(body.slice(head));
    const taken = (isExclusion ? 1 : 0) + head + length;
    const written = rest.slice(0, taken);
    rest = rest.slice(taken).trimStart();
    if (name !== undefined && value !== '')
      terms.push({ written, excluded: isExclusion, operator: name.toLowerCase(), value });
    else {
      const text = name === undefined ? value : body.slice(0, head);
      if (text !== '') terms.push({ written, excluded: isExclusion, operator: undefined, value: text });
    }
  }
  return terms;
}

/** A quoted text, or everything up to the next blank. */
function readValue(text: string): { value: string; length: number } {
  if (!text.startsWith('"')) {
    const [word = ''] = /^\S*/.exec(text) ?? [];
    return { value: word, length: word.length };
  }
  const end = text.indexOf('"', 1);
  if (end < 0) return { value: text.slice(1).trim(), length: text.length };
  return { value: text.slice(1, end).trim(), length: end + 1 };
}
