/** A piece of SQL that matters to the proof of tenancy. Comments and blanks are gone, names are lower case. */
export type Token =
  | { kind: 'name' | 'quoted' | 'parameter' | 'literal' | 'symbol'; text: string }
  /** What stands between parentheses. */
  | { kind: 'group'; items: Token[] };

const PIECE =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<literal>(?:[eE])?'(?:[^']|'')*'|\$(?:[a-zA-Z_]\w*)?\$[\s\S]*?\$(?:[a-zA-Z_]\w*)?\$|\d[\w.]*)|(?<parameter>\$\d+)|(?<quoted>"(?:[^"]|"")+")|(?<name>[a-zA-Z_]\w*)|(?<symbol>::|<=|>=|<>|!=|[^\s\w'"])/gy;

/** Cuts SQL into tokens, nested by parentheses. Throws on what it can't read: it must not pass by silence. */
export function tokenize(sql: string): Token[] {
  const open: Token[][] = [[]];
  const top = () => open.at(-1) ?? [];
  let read = 0;
  while (read < sql.length) {
    PIECE.lastIndex = read;
    const match = PIECE.exec(sql);
    if (!match) break;
    read = PIECE.lastIndex;
    const token = toToken(match.groups ?? {});
    if (token?.kind === 'symbol' && token.text === '(') open.push([]);
    else if (token?.kind === 'symbol' && token.text === ')') {
      const items = open.pop() ?? [];
      if (open.length === 0) throw new Error(`Unbalanced parentheses in: ${sql}`);
      top().push({ kind: 'group', items });
    } else if (token) top().push(token);
  }
  if (read !== sql.length || open.length !== 1) throw new Error(`Not understood as SQL: ${sql}`);
  return top();
}

function toToken(groups: Record<string, string | undefined>): Exclude<Token, { kind: 'group' }> | undefined {
  const { literal, parameter, quoted, name, symbol } = groups;
  if (literal !== undefined) return { kind: 'literal', text: literal };
  if (parameter !== undefined) return { kind: 'parameter', text: parameter };
  if (quoted !== undefined) return { kind: 'quoted', text: quoted.slice(1, -1).replaceAll('""', '"') };
  if (name !== undefined) return { kind: 'name', text: name.toLowerCase() };
  return symbol === undefined ? undefined : { kind: 'symbol', text: symbol };
}

/** Whether a token is this keyword or sign; a quoted name never is. */
export function is(token: Token | undefined, ...texts: string[]): boolean {
  return (token?.kind === 'name' || token?.kind === 'symbol') && texts.includes(token.text);
}

/** The name a token stands for, quoted or not. */
export function nameOf(token: Token | undefined): string | undefined {
  return token?.kind === 'name' || token?.kind === 'quoted' ? token.text : undefined;
}

/** Cuts a list wherever `isCut` says so; the tokens that cut are left out. */
export function splitTokens(
  tokens: readonly Token[],
  isCut: (token: Token, index: number) => boolean,
): Token[][] {
  const parts: Token[][] = [[]];
  tokens.forEach((token, index) => {
    if (isCut(token, index)) parts.push([]);
    else parts.at(-1)?.push(token);
  });
  return parts;
}
