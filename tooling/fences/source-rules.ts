import ts from 'typescript6';

const MAX_CODE_LINES = 400;
const MAX_TEST_LINES = 600;
/** Of one function: what fits a screen. Tests group their cases in functions, so they are free. */
const MAX_FUNCTION_LINES = 60;
/** Configuration is parsed once, in main, and passed down; only these read the environment themselves. */
const READS_ENVIRONMENT =
  /^(apps\/server\/src\/(config|main)\.ts|apps\/cli\/|tests\/|tooling\/|vitest\.config\.ts)|\.test\.ts$|\/testing(\/|\.ts$)/;
const TEST = /\.test\.ts$|\/testing(\/|\.ts$)/;
/** "allow <rule>: <reason>" in a comment on the line, or on the line above. */
const WAIVER = /\/\/ allow ([a-z-]+): \S+/;

export interface Violation {
  rule: 'file-length' | 'function-length' | 'environment' | 'fixed-sleep';
  line: number;
  detail: string;
}

/** Lines that hold code: blank lines and comments do not count. */
function countCodeLines(root: ts.Node, source: ts.SourceFile): number {
  const lines = new Set<number>();
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node) => {
    if (ts.isJSDoc(node) || node.kind === ts.SyntaxKind.EndOfFileToken) return;
    const children = node.getChildren(source);
    if (children.length > 0) return children.forEach(visit);
    for (let line = lineOf(node.getStart(source)); line <= lineOf(node.getEnd()); line++) lines.add(line);
  };
  visit(root);
  return lines.size;
}

function isNamed(node: ts.Node | undefined, name: string): boolean {
  return node !== undefined && (ts.isIdentifier(node) || ts.isStringLiteral(node)) && node.text === name;
}

function imports(node: ts.Node, module: string): boolean {
  if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return false;
  return node.moduleSpecifier.text.replace(/^node:/, '') === module;
}

/** process.env, process['env'], const { env } = process, and either of them imported. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node))
    return isNamed(node.expression, 'process') && isNamed(node.name, 'env');
  if (ts.isElementAccessExpression(node)) {
    return isNamed(node.expression, 'process') && isNamed(node.argumentExpression, 'env');
  }
  if (ts.isVariableDeclaration(node))
    return ts.isObjectBindingPattern(node.name) && isNamed(node.initializer, 'process');
  return imports(node, 'process');
}

/** setTimeout(resolve, 100) and delay(100): a test waits for a condition instead. */
function sleeps(node: ts.Node): boolean {
  if (imports(node, 'timers/promises')) return true;
  if (!ts.isCallExpression(node) || !isNamed(node.expression, 'setTimeout')) return false;
  const [, duration] = node.arguments;
  return duration !== undefined && duration.getText() !== '0';
}

/** What the house rules have against a file; the compiler, the linter and the boundaries see to the rest. */
export function checkSource(path: string, text: string): Violation[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const isTest = TEST.test(path);
  const found: Violation[] = [];
  const report = (rule: Violation['rule'], node: ts.Node, detail: string) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    found.push({ rule, line, detail });
  };
  const limitLength = (rule: Violation['rule'], node: ts.Node, limit: number) => {
    const length = countCodeLines(node, source);
    if (length > limit) report(rule, node, `${length} lines of code, at most ${limit}`);
  };
  const visit = (node: ts.Node) => {
    if (!isTest && ts.isFunctionLike(node)) limitLength('function-length', node, MAX_FUNCTION_LINES);
    if (!READS_ENVIRONMENT.test(path) && readsEnvironment(node)) {
      report('environment', node, 'only main.ts reads the environment, with config.ts');
    }
    if (isTest && sleeps(node)) report('fixed-sleep', node, 'wait for a condition');
    ts.forEachChild(node, visit);
  };
  limitLength('file-length', source, isTest ? MAX_TEST_LINES : MAX_CODE_LINES);
  visit(source);

  const lines = text.split('\n');
  const waived = ({ rule, line }: Violation) =>
    [lines[line - 1], lines[line - 2]].some((each) => WAIVER.exec(each ?? '')?.[1] === rule);
  return found.filter((violation) => !waived(violation));
}
