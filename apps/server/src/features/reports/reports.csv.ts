import { REPORT_NAMES, type ReportOverview } from '@parley/contract/reports';
import { stringify } from 'csv-stringify/sync';
import type { Report } from './reports.answer.ts';

type Figures = Readonly<Record<string, number | null>>;
type Cell = string | number | null;

/** A report as a table: a row for each interval of each group. */
export function reportTable(report: Report<Figures>): string {
  const names = Object.keys(report.totals);
  const rows = report.groups.flatMap(({ key, label, points }) =>
    points.map(({ date, figures }) => [date, key, label, ...names.map((name) => figures[name] ?? null)]),
  );
  return toCsv([['date', 'group', 'label', ...names], ...rows]);
}

/** The overview as a table: a row for each figure. */
export function overviewTable(overview: ReportOverview): string {
  const rows = REPORT_NAMES.flatMap((report) => {
    const totals: Figures = overview[report].totals;
    const previous: Figures = overview[report].previous;
    return Object.keys(totals).map((name) => [report, name, totals[name] ?? null, previous[name] ?? null]);
  });
  return toCsv([['report', 'figure', 'total', 'previous'], ...rows]);
}

/** RFC 4180; a text that a spreadsheet would run (a tag, somebody's name) gets an apostrophe before it. */
function toCsv(rows: Cell[][]): string {
  // The library leaves a lone CR bare when lines end in CR LF.
  return stringify(rows, { record_delimiter: 'windows', escape_formulas: true, quoted_match: /[\r\n]/ });
}
