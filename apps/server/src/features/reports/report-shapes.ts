import type {
  BacklogFigures,
  FirstResponseFigures,
  ReportName,
  ResolutionFigures,
  SatisfactionFigures,
  VolumeFigures,
} from '@parley/contract/reports';
import { BUCKETS, type Figure, percentile } from './report-figures.ts';

/** A figure of some buckets. */
export interface Summed {
  figure: Figure;
  n: number;
  total: number;
  /** Null for figures that are no durations. */
  histogram: (number | null)[] | null;
}

/** What is summed up of each figure. */
export class Sums {
  private readonly byFigure = new Map<Figure, { n: number; total: number; histogram: number[] }>();

  addAll(rows: readonly Summed[]): this {
    for (const { figure, n, total, histogram } of rows) {
      let sum = this.byFigure.get(figure);
      if (!sum) {
        sum = { n: 0, total: 0, histogram: new Array<number>(BUCKETS).fill(0) };
        this.byFigure.set(figure, sum);
      }
      sum.n += n;
      sum.total += total;
      for (const [index, count] of (histogram ?? []).entries())
        sum.histogram[index] = (sum.histogram[index] ?? 0) + (count ?? 0);
    }
    return this;
  }

  n(figure: Figure): number {
    return this.byFigure.get(figure)?.n ?? 0;
  }

  average(figure: Figure): number | null {
    const { n = 0, total = 0 } = this.byFigure.get(figure) ?? {};
    return n > 0 ? total / n : null;
  }

  percentile(figure: Figure, share: number): number | null {
    return percentile(this.byFigure.get(figure)?.histogram ?? [], share);
  }
}

interface Shape<F> {
  /** What it is made of. */
  figures: readonly Figure[];
  /** Its figures at the end of a period are the sums of all time up to it, not of the period alone. */
  isRunning?: true;
  read: (sums: Sums) => F;
  /** How large a group is. */
  size: (figures: F) => number;
}

interface Shapes {
  volume: Shape<VolumeFigures>;
  first_response: Shape<FirstResponseFigures>;
  resolution: Shape<ResolutionFigures>;
  backlog: Shape<BacklogFigures>;
  satisfaction: Shape<SatisfactionFigures>;
}

export type FiguresOf<R extends ReportName> = ReturnType<Shapes[R]['read']>;

/** How each report is made of the stored figures. */
export const SHAPES: Shapes = {
  volume: {
    figures: ['created', 'resolved', 'reopened', 'merged', 'customer_messages', 'replies'],
    read: (sums) => ({
      created: sums.n('created'),
      resolved: sums.n('resolved'),
      reopened: sums.n('reopened'),
      merged: sums.n('merged'),
      customer_messages: sums.n('customer_messages'),
      replies: sums.n('replies'),
    }),
    size: ({ created, replies }) => created + replies,
  },
  first_response: {
    figures: ['first_response', 'first_response_business'],
    read: (sums) => durations(sums, 'first_response'),
    size: ({ count }) => count,
  },
  resolution: {
    figures: ['resolution', 'resolution_business', 'one_touch', 'sla_met', 'sla_breached'],
    read: (sums) => ({
      ...durations(sums, 'resolution'),
      one_touch: sums.n('one_touch'),
      sla_met: sums.n('sla_met'),
      sla_breached: sums.n('sla_breached'),
    }),
    size: ({ count, sla_breached }) => count + sla_breached,
  },
  backlog: {
    figures: ['created', 'resolved', 'merged', 'reopened'],
    isRunning: true,
    read: (sums) => ({
      open: sums.n('created') - sums.n('resolved') - sums.n('merged') + sums.n('reopened'),
    }),
    size: ({ open }) => open,
  },
  satisfaction: {
    figures: ['rated_good', 'rated_bad', 'score'],
    read: (sums) => {
      const [good, bad] = [sums.n('rated_good'), sums.n('rated_bad')];
      const rated = good + bad;
      const score = sums.average('score');
      return {
        rated,
        good,
        bad,
        good_share: rated > 0 ? round(good / rated, 4) : null,
        score_average: score === null ? null : round(score, 2),
      };
    },
    size: ({ rated }) => rated,
  },
};

function durations(sums: Sums, figure: 'first_response' | 'resolution'): FirstResponseFigures {
  const business = `${figure}_business` as const;
  return {
    count: sums.n(figure),
    average: whole(sums.average(figure)),
    p50: sums.percentile(figure, 0.5),
    p90: sums.percentile(figure, 0.9),
    business_average: whole(sums.average(business)),
    business_p50: sums.percentile(business, 0.5),
    business_p90: sums.percentile(business, 0.9),
  };
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));
const whole = (value: number | null) => (value === null ? null : Math.round(value));
