import { formatInstant, formatTable, plain, short } from '../output.ts';

type Row = Readonly<Record<string, unknown>>;

const MAX_COLUMNS = 8;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

export interface Table {
  /** The rows under a header, which the first call alone has. */
  format(rows: readonly unknown[]): string;
}

/** A table of whatever a list holds: the columns are those that a person can read in one line. */
export function createTable(): Table {
  let columns: string[] | undefined;
  return {
    format(rows) {
      const records = rows.map((row): Row => (isRow(row) ? row : { value: row }));
      const header = columns === undefined;
      columns ??= chooseColumns(records);
      const names = columns;
      const cells = records.map((row) => names.map((name) => toCell(row[name]) ?? ''));
      return formatTable(header ? [names.map((name) => toLabel(name).toUpperCase()), ...cells] : cells);
    },
  };
}

/** An answer for people: a table, a list of what it holds, or the value itself. */
export function formatAnswer(answer: unknown): string {
  if (answer === undefined || answer === null) return 'Done.';
  if (Array.isArray(answer)) return answer.length === 0 ? 'Nothing.' : createTable().format(answer);
  if (!isRow(answer)) return plain(String(answer));
  if (isPage(answer)) return formatPage(answer);
  const lines = Object.entries(answer).map(([name, value]) => [toLabel(name), toText(value)]);
  return formatTable(lines.filter(([, text]) => text !== ''));
}

interface Page {
  results: unknown[];
  count?: number;
  count_capped?: true;
}

function isPage(answer: unknown): answer is Page {
  return isRow(answer) && Array.isArray(answer.results) && 'next' in answer;
}

function formatPage({ results, count, count_capped }: Page): string {
  const total = count === undefined ? [] : [`${results.length} of ${count}${count_capped ? '+' : ''}`];
  return [...(results.length > 0 ? [createTable().format(results)] : []), ...total].join('\n') || 'Nothing.';
}

function chooseColumns(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const readable = names.filter((name) => rows.every((row) => toCell(row[name]) !== undefined));
  const telling = readable.filter((name) => rows.some((row) => toCell(row[name]) !== ''));
  return telling.slice(0, MAX_COLUMNS);
}

/** Names can be a customer's too, as in the properties of a person. */
function toLabel(name: string): string {
  return short(name.replaceAll('_', ' '), 40);
}

/** One line of a value; undefined where it needs more than that. */
function toCell(value: unknown): string | undefined {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return INSTANT.test(value) ? formatInstant(value) : short(value, 40);
  if (Array.isArray(value)) {
    return value.every((item) => typeof item !== 'object') ? short(value.join(', '), 40) : undefined;
  }
  if (!isRow(value)) return String(value);
  const name = value.email ?? value.name;
  return typeof name === 'string' ? short(name, 40) : undefined;
}

function toText(value: unknown): string {
  if (typeof value === 'string' && !INSTANT.test(value)) return short(value, 200);
  return toCell(value) ?? short(JSON.stringify(value), 200);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
