import { PROJECT_TABLES } from '@parley/db/schema';
import { type Branch, conjuncts, readBranches, type Source } from './sql-branches.ts';
import { is, nameOf, type Token, tokenize } from './sql-tokens.ts';

/** Statements that may cross projects, by the name in their `system` comment. Sweepers and look-ups by token only. */
export const SYSTEM_STATEMENTS: readonly string[] = [
  'events.sequence',
  'events.lag',
  'files.find',
  'files.purge',
  'notifications.behind',
  'notifications.prune',
  'platform.prune',
  'project_secrets.find',
  'reports.behind',
  'scheduled_replies.due',
  'scheduled_replies.watch',
  'tags.running',
  'ticket_counts.drop_empty',
  'ticket_counts.fold',
  'tickets.purge',
  'tickets.sla',
  'tickets.wake',
  'webhooks.due',
];

const OWNED: ReadonlySet<string> = new Set(PROJECT_TABLES);
const SYSTEM_MARK = /\/\*\s*system:\s*([\w.]+)\s*\*\//;
const QUERIES = ['select', 'with', 'insert', 'update', 'delete'];
/** What names one project, or the few of one organization, among the columns of projects. */
const PROJECT_KEYS = ['id', 'token', 'widget_token', 'organization_id'];

interface Scope {
  /** Names of `with` queries, which hide tables. */
  ctes: ReadonlySet<string>;
  /** What a sub-query may refer to around it. */
  outer: ReadonlyMap<string, Source>;
}

/**
 * What is wrong with a statement: tables of projects that it does not bind by project_id. A table is bound when its
 * project_id must equal a parameter, or that of something bound; an insert, when it names the column.
 */
export function findTenancyViolations(sql: string): string[] {
  const name = SYSTEM_MARK.exec(sql)?.[1];
  if (name !== undefined && SYSTEM_STATEMENTS.includes(name)) return [];
  const tokens = tokenize(sql);
  if (!mentionsOwned(tokens)) return [];
  if (name !== undefined) return [`${name} is not a known system statement`];
  if (!is(tokens[0], ...QUERIES)) return ['not a query, and it names a table of projects'];
  return checkQuery(tokens, { ctes: new Set(), outer: new Map() });
}

/** Statements found to be in order: a test file runs the same few hundred thousands of times. */
const proven = new Set<string>();

/** Throws when a statement may touch rows of more than one project. */
export function assertTenancy(statements: Iterable<string>): void {
  const found = new Map<string, string[]>();
  for (const sql of new Set(statements)) {
    if (proven.has(sql)) continue;
    const violations = findTenancyViolations(sql);
    if (violations.length > 0) found.set(sql, violations);
    else proven.add(sql);
  }
  if (found.size === 0) return;
  const lines = [...found].map(([sql, violations]) => `${violations.join('; ')}:\n${sql.trim()}`);
  throw new Error(`Statements that may leave their project:\n\n${lines.join('\n\n')}`);
}

function mentionsOwned(tokens: readonly Token[]): boolean {
  return tokens.some((token) =>
    token.kind === 'group' ? mentionsOwned(token.items) : OWNED.has(nameOf(token) ?? ''),
  );
}

function checkQuery(tokens: readonly Token[], scope: Scope): string[] {
  if (!is(tokens[0], 'with')) return readBranches(tokens).flatMap((branch) => checkBranch(branch, scope));
  const ctes = new Set(scope.ctes);
  const isRecursive = is(tokens[1], 'recursive');
  const found: string[] = [];
  let at = isRecursive ? 2 : 1;
  for (;;) {
    const name = nameOf(tokens[at]) ?? '';
    if (isRecursive) ctes.add(name);
    while (!is(tokens[at], 'as') && at < tokens.length) at += 1;
    at += 1;
    while (is(tokens[at], 'not', 'materialized')) at += 1;
    const body = tokens[at];
    if (body?.kind !== 'group') return ['a with query that is not understood'];
    // A query of that name inside itself means the table.
    found.push(...checkQuery(body.items, { ...scope, ctes: new Set(ctes) }));
    ctes.add(name);
    at += 1;
    if (!is(tokens[at], ',')) break;
    at += 1;
  }
  return [...found, ...checkQuery(tokens.slice(at), { ...scope, ctes })];
}

function checkBranch(branch: Branch, scope: Scope): string[] {
  const binding = new Binding(branch, scope);
  const visible = new Map(scope.outer);
  for (const source of branch.sources) visible.set(source.alias, binding.seen(source));
  return [
    ...branch.problems.map((problem) => `not understood: ${problem}`),
    ...binding.unbound(),
    ...checkGroups(branch.tokens, { ctes: scope.ctes, outer: visible }),
  ];
}

function checkGroups(tokens: readonly Token[], scope: Scope): string[] {
  return tokens.flatMap((token) => {
    if (token.kind !== 'group') return [];
    return is(token.items[0], ...QUERIES) ? checkQuery(token.items, scope) : checkGroups(token.items, scope);
  });
}

/** One side of an equality: a value, a column, or something else. */
type Side = { kind: 'value' } | { kind: 'column'; alias: string | undefined; name: string } | undefined;

function readSide(tokens: readonly Token[]): Side {
  const cast = tokens.findIndex((token) => is(token, '::'));
  const side = cast === -1 ? tokens : tokens.slice(0, cast);
  const [first, dot, last] = side;
  if (side.length === 1 && (first?.kind === 'parameter' || first?.kind === 'literal'))
    return { kind: 'value' };
  const name = nameOf(side.length === 3 && is(dot, '.') ? last : side.length === 1 ? first : undefined);
  if (name === undefined) return undefined;
  return { kind: 'column', alias: side.length === 3 ? nameOf(first) : undefined, name };
}

interface Equality {
  left: Side;
  right: Side;
  bindsOnly: string | undefined;
}

class Binding {
  private readonly branch: Branch;
  private readonly scope: Scope;
  private readonly equalities: Equality[];
  private readonly bound = new Set<string>();

  constructor(branch: Branch, scope: Scope) {
    this.branch = branch;
    this.scope = scope;
    this.equalities = branch.conditions.flatMap(({ tokens, bindsOnly }) =>
      conjuncts(tokens).flatMap((part) => {
        const signs = part.flatMap((token, index) => (is(token, '=') ? [index] : []));
        const [sign = -1] = signs;
        if (signs.length !== 1) return [];
        return [{ left: readSide(part.slice(0, sign)), right: readSide(part.slice(sign + 1)), bindsOnly }];
      }),
    );
    this.settle();
  }

  /** A source as sub-queries see it: a `with` query is no table, whatever it is called. */
  seen(source: Source): Source {
    const isCte = source.kind === 'table' && this.scope.ctes.has(source.name);
    return isCte ? { ...source, kind: 'query' } : source;
  }

  unbound(): string[] {
    return this.branch.sources
      .map((source) => this.seen(source))
      .flatMap((source) => {
        const { name, alias } = source;
        if (source.kind !== 'table') return [];
        if (OWNED.has(name))
          return this.bound.has(alias) ? [] : [`${name} (as ${alias}) is not bound by project_id`];
        return name === 'projects' && !this.isOneTenant(alias)
          ? [`projects (as ${alias}) is not narrowed to a tenant`]
          : [];
      });
  }

  /** Follows the equalities until nothing new is bound. */
  private settle(): void {
    for (const source of this.branch.sources) {
      if (source.columns?.includes('project_id')) this.bound.add(source.alias);
    }
    for (let before = -1; before !== this.bound.size; ) {
      before = this.bound.size;
      for (const { left, right, bindsOnly } of this.equalities) {
        this.bind(left, right, bindsOnly);
        this.bind(right, left, bindsOnly);
      }
      for (const { alias, earlier, columns } of this.branch.using) {
        if (!columns.includes('project_id')) continue;
        const sides = [alias, ...earlier];
        if (sides.some((side) => this.isSure({ kind: 'column', alias: side, name: 'project_id' })))
          for (const side of sides) this.bound.add(side);
      }
    }
  }

  private bind(target: Side, value: Side, bindsOnly: string | undefined): void {
    if (target?.kind !== 'column' || target.name !== 'project_id' || !this.isSure(value)) return;
    const owned = this.branch.sources
      .map((source) => this.seen(source))
      .filter(({ kind, name }) => kind === 'table' && OWNED.has(name));
    const alias = target.alias ?? (owned.length === 1 ? owned[0]?.alias : undefined);
    if (alias !== undefined && (bindsOnly === undefined || bindsOnly === alias)) this.bound.add(alias);
  }

  /** Whether a side can only be the one project a statement is about. */
  private isSure(side: Side): boolean {
    if (side === undefined || side.kind === 'value') return side !== undefined;
    if (side.alias === undefined) return false;
    const inner = this.branch.sources.find(({ alias }) => alias === side.alias);
    const source = inner ? this.seen(inner) : this.scope.outer.get(side.alias);
    if (!source) return false;
    // Rows of a sub-query come from tables that are checked where they stand; those of a function from anywhere.
    if (source.kind !== 'table') return source.kind === 'query' && side.name === 'project_id';
    if (source.name === 'projects') return side.name === 'id';
    if (side.name !== 'project_id' || !OWNED.has(source.name)) return false;
    return inner === undefined || this.bound.has(side.alias);
  }

  private isOneTenant(alias: string): boolean {
    const names = (side: Side) =>
      side?.kind === 'column' &&
      PROJECT_KEYS.includes(side.name) &&
      (side.alias === alias || (side.alias === undefined && this.branch.sources.length === 1));
    return this.equalities.some(({ left, right, bindsOnly }) => {
      if (bindsOnly !== undefined && bindsOnly !== alias) return false;
      // An equality with project_id of what it is to bind would go round in a circle.
      const other = (side: Side) =>
        side !== undefined && !(side.kind === 'column' && side.name === 'project_id');
      return (names(left) && other(right)) || (names(right) && other(left));
    });
  }
}
