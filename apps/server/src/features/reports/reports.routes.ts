import { REPORT_NAMES, type ReportName, reports } from '@parley/contract/reports';
import { type Project, userOf } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import { TextFile } from '#platform/http/call.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { readChoice, readFormat, readQuestion } from './report-query.ts';
import { answerReport } from './reports.answer.ts';
import { overviewTable, reportTable } from './reports.csv.ts';
import { answerOverview } from './reports.overview.ts';

type Query = Parameters<typeof readQuestion>[0];

function question(context: ReadContext, project: Project, query: Query) {
  return readQuestion(query, project, { now: context.now, userId: userOf(context.actor)?.id });
}

/** One report, as a table when it is asked for as one. */
async function answer<R extends ReportName>(
  context: ReadContext,
  { project, query }: { project: Project; query: Query },
  name: R,
) {
  const isTable = readFormat(query.format) === 'csv';
  const report = await answerReport(context, project, name, question(context, project, query));
  return isTable ? new TextFile(reportTable(report), 'text/csv', `${name}.csv`) : report;
}

export function bindReportRoutes(binder: Binder): void {
  binder.read(reports.overview, async (context, { project, query }) => {
    const isTable = readFormat(query.format) === 'csv';
    const overview = await answerOverview(context, project, question(context, project, query));
    return isTable ? new TextFile(overviewTable(overview), 'text/csv', 'overview.csv') : overview;
  });
  binder.read(reports.volume, (context, call) => answer(context, call, 'volume'));
  binder.read(reports.firstResponse, (context, call) => answer(context, call, 'first_response'));
  binder.read(reports.resolution, (context, call) => answer(context, call, 'resolution'));
  binder.read(reports.backlog, (context, call) => answer(context, call, 'backlog'));
  binder.read(reports.satisfaction, (context, call) => answer(context, call, 'satisfaction'));
  binder.read(reports.export, async (context, { project, query, reply }) => {
    const name = readChoice(query.report, 'report', [...REPORT_NAMES, 'overview']);
    const asked = question(context, project, query);
    const text =
      name === 'overview'
        ? overviewTable(await answerOverview(context, project, asked))
        : reportTable(await answerReport(context, project, name, asked));
    const file = `attachment; filename="${name}.csv"`;
    reply.type('text/csv; charset=utf-8').header('content-disposition', file).send(text);
    return undefined;
  });
}
