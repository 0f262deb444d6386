import type { OperationPlan } from './capture.ts';
import type { Figures } from './figures.ts';
import { judgeLists, type ListFigures, listRows } from './list-report.ts';
import type { Machine } from './machine.ts';
import type { OperationFigures } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { MESSAGES_PER_TICKET } from './seed-sql.ts';
import type { Startup } from './startup.ts';

export interface BenchResult {
  machine: Machine;
  options: BenchOptions;
  /** Undefined where an earlier run had filled the database. */
  seedSeconds: number | undefined;
  startup: { postgres: Startup; embedded: Startup };
  loadedMegabytes: { server: number | undefined; floor: number | undefined };
  plans: readonly OperationPlan[];
  operations: readonly OperationFigures[];
  lists: ListFigures;
}

export interface Bar {
  name: string;
  /** Undefined where this machine could not tell. */
  isMet: boolean | undefined;
  figure: string;
  bar: string;
}

const LEAST_SHARE = 0.6;
const MOST_IDLE_MEGABYTES = 200;
const MOST_LOADED_MEGABYTES = 300;
const LEAST_CREATED = 1000;
const MOST_READY_MS = { postgres: 1500, embedded: 5000 } as const;

/** What the project promises of itself, each beside what was measured. */
export function judge({ startup, operations, lists, loadedMegabytes }: BenchResult): Bar[] {
  const { postgres, embedded } = startup;
  return [
    ...operations.map(({ operation, share }) => ({
      name: `${operation}: requests/s against the floor`,
      isMet: share >= LEAST_SHARE,
      figure: percent(share),
      bar: `>= ${percent(LEAST_SHARE)}`,
    })),
    ...operations.flatMap(latencyBar),
    ...operations.filter(({ operation }) => operation === 'create').map(created),
    memory('idle memory on PostgreSQL', postgres.idleMegabytes, MOST_IDLE_MEGABYTES),
    memory('most memory under load', loadedMegabytes.server, MOST_LOADED_MEGABYTES),
    ready('ready on a migrated PostgreSQL', postgres, MOST_READY_MS.postgres),
    ready('ready on a fresh embedded directory', embedded, MOST_READY_MS.embedded),
    ...judgeLists(lists),
  ];
}

/** Operations with a bar of their own: the p95 in milliseconds, alone or under load. */
const MOST_LATENCY: Readonly<Record<string, { kind: 'single' | 'loaded'; most: number }>> = {
  'list by status': { kind: 'loaded', most: 10 },
  'unread count': { kind: 'single', most: 1 },
};

function latencyBar({ operation, server }: OperationFigures): Bar[] {
  const bar = MOST_LATENCY[operation];
  if (!bar) return [];
  const { p95 } = server[bar.kind];
  const name = `${operation}: p95${bar.kind === 'single' ? ', one at a time' : ' under load'}`;
  return [{ name, isMet: p95 <= bar.most, figure: `${p95.toFixed(2)} ms`, bar: `<= ${bar.most} ms` }];
}

function created({ operation, server }: OperationFigures): Bar {
  const { perSecond } = server.loaded;
  return {
    name: `${operation}: tickets/s`,
    isMet: perSecond >= LEAST_CREATED,
    figure: perSecond.toFixed(0),
    bar: `>= ${LEAST_CREATED}`,
  };
}

function memory(name: string, measured: number | undefined, most: number): Bar {
  const isMet = measured === undefined ? undefined : measured <= most;
  return { name, isMet, figure: megabytes(measured), bar: `<= ${most} MB` };
}

function ready(name: string, { medianReadyMs }: Startup, most: number): Bar {
  return { name, isMet: medianReadyMs <= most, figure: seconds(medianReadyMs), bar: `<= ${seconds(most)}` };
}

/** The figures as Markdown, fit for a terminal and for docs/performance.md. */
export function render(result: BenchResult): string {
  return [
    ...describe(result),
    '',
    ...operationTable(result),
    '',
    ...processTable(result),
    '',
    ...listTable(result),
    '',
    ...barTable(judge(result)),
  ].join('\n');
}

function describe({ machine, options, seedSeconds }: BenchResult): string[] {
  const { cpu, cores, memoryGigabytes, system, node, postgres, postgresSettings, load } = machine;
  const settings = Object.entries(postgresSettings).map(([name, value]) => `${name}=${value}`);
  return [
    `${cores} x ${cpu}, ${memoryGigabytes} GB, ${system}, Node ${node}; load average before the run ${load.toFixed(1)}.`,
    `PostgreSQL ${postgres} (${settings.join(', ')}).`,
    `${options.tickets} tickets with ${MESSAGES_PER_TICKET} messages each, seeded ${
      seedSeconds === undefined ? 'by an earlier run' : `in ${seedSeconds.toFixed(0)} s`
    }; ` + `${options.rounds} x ${options.seconds} s for each figure, server and floor in turn.`,
    'Server, PostgreSQL and the load generator share the machine. Rate limits are off.',
  ];
}

function operationTable({ operations, plans, options }: BenchResult): string[] {
  const c = options.connections;
  const head = [
    'operation',
    'statements',
    'who',
    'c=1 p50',
    'c=1 p95',
    `c=${c} p50`,
    'p95',
    'p99',
    'requests/s',
    'CPU/request',
    'of the floor',
  ];
  const rows = operations.flatMap(({ operation, server, floor, share }, index) => {
    const statements = plans[index]?.steps.flat().length ?? 0;
    return [
      [operation, String(statements), 'server', ...latencies(server), percent(share)],
      ['', '', 'floor', ...latencies(floor), ''],
    ];
  });
  return table(head, rows);
}

function latencies({ single, loaded, processorMs }: Figures): string[] {
  const times = [single.p50, single.p95, loaded.p50, loaded.p95, loaded.p99];
  return [
    ...times.map((time) => `${time.toFixed(2)} ms`),
    loaded.perSecond.toFixed(0),
    processorMs === undefined ? '-' : `${processorMs.toFixed(2)} ms`,
  ];
}

function processTable({ startup, loadedMegabytes }: BenchResult): string[] {
  const row = (name: string, { medianReadyMs, idleMegabytes }: Startup, loaded: number | undefined) => [
    name,
    seconds(medianReadyMs),
    megabytes(idleMegabytes),
    megabytes(loaded),
  ];
  return table(
    ['process', 'ready after', 'idle memory', 'most memory under load'],
    [
      row('server on PostgreSQL', startup.postgres, loadedMegabytes.server),
      row('server on a fresh embedded database', startup.embedded, undefined),
      ['floor', '', '', megabytes(loadedMegabytes.floor)],
    ],
  );
}

function listTable({ lists }: BenchResult): string[] {
  const [head = [], ...rows] = listRows(lists);
  return table(head, rows);
}

function barTable(bars: readonly Bar[]): string[] {
  const verdict = ({ isMet }: Bar) => (isMet === undefined ? 'unknown' : isMet ? 'met' : 'MISSED');
  return table(
    ['bar', 'measured', 'wanted', ''],
    bars.map((bar) => [bar.name, bar.figure, bar.bar, verdict(bar)]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}

const percent = (share: number) => `${Math.round(share * 100)} %`;
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const megabytes = (figure: number | undefined) => (figure === undefined ? '-' : `${Math.round(figure)} MB`);
