import { globSync, readFileSync } from 'node:fs';
import { PROJECT_TABLES } from '@parley/db/schema';
import ts from 'typescript6';
import { findTenancyViolations } from '../../apps/server/src/testing/tenancy.ts';

/** An sql template of the server that names a table of projects. */
export interface SourceStatement {
  place: string;
  /** Its text between the values, blanks made one. */
  pieces: string[];
}

/** A query built by calls on a table of projects. */
export interface BuiltQuery {
  place: string;
  text: string;
}

const SERVER = new URL('../../apps/server/src/', import.meta.url);
const NOT_THE_SERVER = /\.test\.ts$|(^|\/)testing(\/|\.ts$)/;
const NAMES_A_TABLE = new RegExp(`\\b(from|join|into|update|using)\\s+(${PROJECT_TABLES.join('|')})\\b`, 'i');
const BUILDERS = [
  'selectFrom',
  'updateTable',
  'deleteFrom',
  'innerJoin',
  'leftJoin',
  'rightJoin',
  'fullJoin',
];
const OWNED: ReadonlySet<string> = new Set(PROJECT_TABLES);

export function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Whether a statement that ran may be this template: all pieces of it, one after the other. */
export function holdsInOrder(text: string, pieces: readonly string[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

export interface SourceText {
  path: string;
  text: string;
}

/** The server's own code. */
export function serverSources(): SourceText[] {
  const paths = globSync('**/*.ts', { cwd: SERVER }).filter((path) => !NOT_THE_SERVER.test(path));
  return paths.sort().map((path) => ({ path, text: readFileSync(new URL(path, SERVER), 'utf8') }));
}

function forEachNode(sources: readonly SourceText[], visit: (node: ts.Node, place: string) => void): void {
  for (const { path, text } of sources) {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const walk = (node: ts.Node) => {
      visit(node, `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      ts.forEachChild(node, walk);
    };
    walk(source);
  }
}

function piecesOf(template: ts.TemplateLiteral): string[] {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text];
  return [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
}

/** Whether the template proves itself with a value in every gap. A fragment that undoes it is found where it runs. */
function isProven(pieces: readonly string[]): boolean {
  try {
    return findTenancyViolations(pieces.join(' $1 ')).length === 0;
  } catch {
    return false;
  }
}

/** Templates that are put together of several, so that only what ran can prove them. */
export function composedStatements(sources = serverSources()): SourceStatement[] {
  const found: SourceStatement[] = [];
  forEachNode(sources, (node, place) => {
    if (!ts.isTaggedTemplateExpression(node) || node.tag.getText() !== 'sql') return;
    const pieces = piecesOf(node.template);
    if (NAMES_A_TABLE.test(pieces.join(' $1 ')) && !isProven(pieces))
      found.push({ place, pieces: pieces.map(collapse).filter((piece) => piece !== '') });
  });
  return found;
}

/** Kysely queries on a table of projects in which no condition names project_id. */
export function unboundQueries(sources = serverSources()): BuiltQuery[] {
  const found: BuiltQuery[] = [];
  forEachNode(sources, (node, place) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const [table] = node.arguments;
    if (!BUILDERS.includes(node.expression.name.text) || !table || !ts.isStringLiteral(table)) return;
    if (!OWNED.has(table.text.split(' ')[0] ?? '')) return;
    let chain: ts.Node = node;
    while (ts.isPropertyAccessExpression(chain.parent) || ts.isCallExpression(chain.parent))
      chain = chain.parent;
    const text = chain.getText();
    if (!/\.(where|on|onRef|whereRef)\(\s*'(\w+\.)?project_id',\s*'='/.test(text))
      found.push({ place, text });
  });
  return found;
}

/** Names in the `system` comments of the server's statements. */
export function systemMarks(sources = serverSources()): Set<string> {
  const found = new Set<string>();
  forEachNode(sources, (node) => {
    if (!ts.isTaggedTemplateExpression(node)) return;
    for (const [, name = ''] of node.getText().matchAll(/\/\*\s*system:\s*([\w.]+)\s*\*\//g)) found.add(name);
  });
  return found;
}
