import { is, nameOf, splitTokens, type Token } from './sql-tokens.ts';

/** A table, view, function or sub-query that a statement names, and where it may be read under what name. */
export interface Source {
  kind: 'table' | 'function' | 'query';
  name: string;
  alias: string;
  /** Columns of an insert; undefined where there is no such list. */
  columns?: readonly string[];
}

/** One select, insert, update or delete, without the sub-queries in it. */
export interface Branch {
  tokens: readonly Token[];
  sources: Source[];
  /** Conditions that every row meets for the source they bind: `where`, and `on` of joins. */
  conditions: { tokens: Token[]; bindsOnly?: string }[];
  /** Columns of `join … using (…)`, with the two sides. */
  using: { alias: string; earlier: string[]; columns: string[] }[];
  /** What this reader does not understand; a proof must not pass over it. */
  problems: string[];
}

const CLAUSES = [
  'where',
  'group',
  'order',
  'limit',
  'having',
  'returning',
  'window',
  'offset',
  'fetch',
  'set',
  'for',
];
const JOINS = ['join', 'left', 'right', 'full', 'inner', 'cross', 'natural'];
const NO_ALIAS = new Set([
  ...CLAUSES,
  ...JOINS,
  'on',
  'using',
  'values',
  'select',
  'default',
  'union',
  'as',
  'do',
  'overriding',
]);

class Reader {
  readonly branch: Branch;
  private at = 0;
  private readonly tokens: readonly Token[];
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    this.branch = { tokens, sources: [], conditions: [], using: [], problems: [] };
  }

  read(): Branch {
    while (this.at < this.tokens.length) {
      const previous = this.tokens[this.at - 1];
      if (this.take('from')) {
        // `is distinct from x` compares; it names no table.
        if (!is(previous, 'distinct')) this.readFrom();
      } else if (this.take('where')) this.addCondition();
      else if (this.take('into')) this.readInto();
      else if (is(this.peek(), 'update') && !is(previous, 'do', 'for', 'key')) {
        this.at += 1;
        this.readSource();
      } else if (this.take('using')) this.readFrom();
      else if (this.take('merge', 'truncate', 'lock', 'copy'))
        this.branch.problems.push('a kind of statement');
      else this.at += 1;
    }
    return this.branch;
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private take(...texts: string[]): boolean {
    if (!is(this.peek(), ...texts)) return false;
    this.at += 1;
    return true;
  }

  /** The sources after `from`, up to the next clause. */
  private readFrom(): void {
    this.readSource();
    for (;;) {
      if (this.take(',')) this.readSource();
      else if (is(this.peek(), ...JOINS)) this.readJoin();
      else return;
    }
  }

  private readJoin(): void {
    const words: string[] = [];
    while (!this.take('join')) {
      if (this.at >= this.tokens.length) return void this.branch.problems.push('a join without the word');
      words.push(nameOf(this.tokens[this.at++]) ?? '');
    }
    if (words.some((word) => ['right', 'full', 'natural'].includes(word)))
      this.branch.problems.push(`${words[0]} join`);
    const earlier = this.branch.sources.map(({ alias }) => alias);
    const { alias } = this.readSource();
    if (this.take('on')) this.addCondition(words.includes('left') ? alias : undefined, JOINS, ',');
    else if (this.take('using')) {
      const list = this.tokens[this.at++];
      const columns = list?.kind === 'group' ? list.items.flatMap((item) => nameOf(item) ?? []) : [];
      this.branch.using.push({ alias, earlier, columns });
    }
  }

  private addCondition(bindsOnly?: string, ...ends: (string | string[])[]): void {
    const start = this.at;
    const stops = [...CLAUSES, 'on', 'union', ...ends.flat()];
    while (this.at < this.tokens.length && !is(this.peek(), ...stops)) this.at += 1;
    const tokens = this.tokens.slice(start, this.at);
    this.branch.conditions.push(bindsOnly === undefined ? { tokens } : { tokens, bindsOnly });
  }

  private readInto(): void {
    const source = this.readSource();
    const list = this.peek();
    source.columns = list?.kind === 'group' ? list.items.flatMap((item) => nameOf(item) ?? []) : [];
  }

  private readSource(): Source {
    while (this.take('lateral', 'only'));
    const token = this.tokens[this.at++];
    let source: Source = { kind: 'query', name: '', alias: '' };
    if (token?.kind !== 'group') {
      const isInto = is(this.tokens[this.at - 2], 'into');
      let name = nameOf(token) ?? '';
      while (this.take('.')) name += `.${nameOf(this.tokens[this.at++]) ?? ''}`;
      name = name.replace(/^public\./, '');
      const isCall = this.peek()?.kind === 'group' && !isInto;
      if (isCall) this.at += 1;
      source = { kind: isCall ? 'function' : 'table', name, alias: name };
    }
    const hasAs = this.take('as');
    const alias = nameOf(this.peek());
    if (alias !== undefined && (hasAs || this.peek()?.kind === 'quoted' || !NO_ALIAS.has(alias))) {
      source.alias = alias;
      this.at += 1;
      // Columns of a function's or a sub-query's rows; those of an insert are read by whoever asked for the table.
      if (source.kind !== 'table' && this.peek()?.kind === 'group') this.at += 1;
    }
    this.branch.sources.push(source);
    return source;
  }
}

/** The parts of a statement joined by union and the like, each read for itself. */
export function readBranches(tokens: readonly Token[]): Branch[] {
  const isSetOperator = (token: Token) => is(token, 'union', 'intersect', 'except');
  return splitTokens(tokens, isSetOperator).map((part) => new Reader(part).read());
}

/** Conditions joined by `and`. One that also holds an `or` beside them says nothing for certain, and is left out. */
export function conjuncts(tokens: readonly Token[]): Token[][] {
  if (tokens.some((token) => is(token, 'or'))) return [];
  let isBetween = false;
  const parts = splitTokens(tokens, (token) => {
    if (is(token, 'between')) isBetween = true;
    if (!is(token, 'and')) return false;
    const cuts = !isBetween;
    isBetween = false;
    return cuts;
  });
  return parts.flatMap((part) => {
    const [only] = part;
    return part.length === 1 && only?.kind === 'group' ? conjuncts(only.items) : [part];
  });
}
