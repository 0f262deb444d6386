import type { ListFigure } from './lists.ts';
import type { Bar } from './report.ts';

const MOST_MS = { facets: undefined, 'deep page': undefined, filter: 50, search: 150 } as const;
const MOST_GROWTH = 1.5;
/** What a median below this grows by is noise of the machine. */
const NOISE_MS = 3;

export interface ListFigures {
  all: readonly ListFigure[];
  /** The same lists among few tickets, undefined where there are not more. */
  few: readonly ListFigure[] | undefined;
}

/** How much longer a list takes among all tickets than among few. */
function growth({ p50 }: ListFigure, few: ListFigure | undefined): number | undefined {
  return few && Math.max(p50, NOISE_MS) / Math.max(few.p50, NOISE_MS);
}

function fewOf({ few }: ListFigures, { name }: ListFigure): ListFigure | undefined {
  return few?.find((one) => one.name === name);
}

/** The worst of each kind against its bar. */
export function judgeLists(figures: ListFigures): Bar[] {
  const bars: Bar[] = [];
  for (const kind of ['search', 'filter'] as const) {
    const worst = figures.all.filter((one) => one.kind === kind).sort((a, b) => b.p95 - a.p95)[0];
    if (!worst) continue;
    const bar = `<= ${MOST_MS[kind]} ms`;
    bars.push({
      name: `slowest ${kind}, p95: ${worst.name}`,
      isMet: worst.p95 <= MOST_MS[kind],
      figure: ms(worst.p95),
      bar,
    });
  }
  if (!figures.few) return bars;
  for (const kind of ['facets', 'deep page'] as const) {
    const grown = figures.all
      .filter((one) => one.kind === kind)
      .map((one) => ({ name: one.name, times: growth(one, fewOf(figures, one)) ?? 1 }))
      .sort((a, b) => b.times - a.times)[0];
    if (!grown) continue;
    const figure = `${grown.times.toFixed(2)} x`;
    bars.push({
      name: `most growth, ${kind}: ${grown.name}`,
      isMet: grown.times <= MOST_GROWTH,
      figure,
      bar: `<= ${MOST_GROWTH} x`,
    });
  }
  return bars;
}

/** Cells of the table of lists, its head first. */
export function listRows(figures: ListFigures): string[][] {
  const rows = figures.all.map((one) => {
    const few = fewOf(figures, one);
    const times = growth(one, few);
    return [
      one.kind,
      one.name,
      String(one.count),
      ms(one.p50),
      ms(one.p95),
      few ? ms(few.p50) : '-',
      times === undefined ? '-' : `${times.toFixed(2)} x`,
    ];
  });
  return [['kind', 'list', 'count', 'p50', 'p95', 'p50 among few', 'growth'], ...rows];
}

const ms = (time: number) => `${time.toFixed(1)} ms`;
