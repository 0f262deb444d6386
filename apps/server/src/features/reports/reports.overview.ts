import type { ReportName, ReportOverview } from '@parley/contract/reports';
import type { Project } from '#platform/actor.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { ReportQuestion } from './report-query.ts';
import { answerReport, readFrame } from './reports.answer.ts';

/** All figures in total, for one screen (inbox.md 17.1). */
export async function answerOverview(
  context: ReadContext,
  project: Project,
  question: ReportQuestion,
): Promise<ReportOverview> {
  const whole = { ...question, interval: 'month', groupBy: 'none' } as const;
  const read = async <R extends ReportName>(name: R) => {
    const { totals, previous } = await answerReport(context, project, name, whole);
    return { totals, previous };
  };
  return {
    ...(await readFrame(context, project, question)),
    volume: await read('volume'),
    first_response: await read('first_response'),
    resolution: await read('resolution'),
    backlog: await read('backlog'),
    satisfaction: await read('satisfaction'),
  };
}
