import {
  REPORT_GROUPS_MAX,
  type ReportGrouping,
  type ReportInterval,
  type ReportName,
} from '@parley/contract/reports';
import type { Project } from '#platform/actor.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import type { Figure } from './report-figures.ts';
import { findProgress } from './report-progress.repo.ts';
import { periodsBetween, type ReportQuestion } from './report-query.ts';
import { type FiguresOf, SHAPES, Sums } from './report-shapes.ts';
import { type FigureSum, isBefore, readNames, readSums } from './reports.read.repo.ts';

export interface ReportFrame {
  date_from: string;
  date_to: string;
  timezone: string;
  as_of: string | null;
  is_rebuilding: boolean;
}

interface Pair<F> {
  totals: F;
  previous: F;
}

export interface ReportGroup<F> extends Pair<F> {
  key: string | null;
  label: string | null;
  points: { date: string; figures: F }[];
}

export interface Report<F> extends ReportFrame, Pair<F> {
  interval: ReportInterval;
  group_by: ReportGrouping;
  groups: ReportGroup<F>[];
  groups_left_out: number;
}

/** How old the figures are, and of which days. */
export async function readFrame(
  context: ReadContext,
  project: Project,
  { from, to }: ReportQuestion,
): Promise<ReportFrame> {
  const progress = await findProgress(context.tx, project.id);
  const isUpToDate = progress !== undefined && progress.last_seq <= (progress.seq ?? 0);
  const at = isUpToDate ? context.now : (progress?.projected_at ?? null);
  const isOfOtherDays = progress?.timezone != null && progress.timezone !== project.timezone;
  return {
    date_from: from,
    date_to: to,
    timezone: project.timezone,
    as_of: at && formatInstant(at),
    is_rebuilding: isOfOtherDays || progress?.pass_after != null,
  };
}

/** Answers a question with one report (inbox.md 17.1). */
export async function answerReport<R extends ReportName>(
  context: ReadContext,
  project: Project,
  name: R,
  question: ReportQuestion,
): Promise<Report<FiguresOf<R>>> {
  // The compiler does not see that a shape reads what it is the shape of.
  const shape = SHAPES[name] as unknown as Shape<FiguresOf<R>>;
  const reach = shape.isRunning ? 'all' : 'previous';
  const rows = await readSums(context.tx, project.id, question, shape.figures, reach);
  const periods = periodsBetween(question.from, question.to, question.interval);
  const byKey = Map.groupBy(rows, (row) => row.key);
  if (question.groupBy === 'none' && byKey.size === 0) byKey.set(null, []);
  const groups = [...byKey].map(([key, some]) => ({ key, ...readSeries(shape, some, periods) }));
  groups.sort(
    (a, b) => shape.size(b.totals) - shape.size(a.totals) || ((a.key ?? '') < (b.key ?? '') ? -1 : 1),
  );
  const shown = groups.slice(0, REPORT_GROUPS_MAX);
  const labels = await readLabels(
    context,
    project,
    question,
    shown.map(({ key }) => key ?? ''),
  );
  return {
    ...(await readFrame(context, project, question)),
    interval: question.interval,
    group_by: question.groupBy,
    ...(await readTotals(context, project, shape, question, rows)),
    groups: shown.map(({ key, ...series }) => ({ ...presentKey(question, key, labels), ...series })),
    groups_left_out: groups.length - shown.length,
  };
}

interface Shape<F> {
  figures: readonly Figure[];
  isRunning?: true;
  read: (sums: Sums) => F;
  size: (figures: F) => number;
}

/** A ticket with two tags is in two groups: the totals are asked for by themselves. */
async function readTotals<F>(
  context: ReadContext,
  project: Project,
  shape: Shape<F>,
  question: ReportQuestion,
  rows: readonly FigureSum[],
): Promise<Pair<F>> {
  const { totals, previous } = readSeries(
    shape,
    question.groupBy === 'tag' && question.tag === undefined
      ? await readSums(
          context.tx,
          project.id,
          { ...question, groupBy: 'none' },
          shape.figures,
          shape.isRunning ? 'all' : 'previous',
        )
      : rows,
    [],
  );
  return { totals, previous };
}

function readSeries<F>(shape: Shape<F>, rows: readonly FigureSum[], periods: readonly string[]) {
  const sum = (some: readonly FigureSum[]) => shape.read(new Sums().addAll(some));
  const before = rows.filter(isBefore);
  const within = rows.filter((row) => !isBefore(row));
  const byPeriod = Map.groupBy(within, (row) => row.period);
  const points = periods.map((date) => ({ date, rows: byPeriod.get(date) ?? [] }));
  if (!shape.isRunning) {
    return {
      totals: sum(within),
      previous: sum(before),
      points: points.map((point) => ({ date: point.date, figures: sum(point.rows) })),
    };
  }
  const soFar = new Sums().addAll(before);
  const running = points.map(({ date, rows: some }) => ({
    date,
    figures: shape.read(soFar.addAll(some)),
  }));
  return { totals: sum(rows), previous: sum(before), points: running };
}

async function readLabels(
  context: ReadContext,
  { organizationId }: Project,
  { groupBy }: ReportQuestion,
  keys: readonly string[],
): Promise<Map<string, string>> {
  return groupBy === 'assignee' ? readNames(context.tx, organizationId, keys) : new Map();
}

function presentKey({ groupBy }: ReportQuestion, key: string | null, labels: Map<string, string>) {
  if (key === null) return { key, label: null };
  if (groupBy !== 'assignee') return { key, label: key };
  return key === '' ? { key: 'unassigned', label: null } : { key, label: labels.get(key) ?? null };
}
