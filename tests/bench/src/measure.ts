import type { LoadProcess } from './load-process.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import type { BenchOptions } from './options.ts';
import { processorSeconds } from './process-figures.ts';
import { API_KEY, type StartedServer } from './server-process.ts';
import { type Summary, summarize } from './statistics.ts';
import type { TicketPools } from './tickets.ts';

export interface Figures {
  /** One request at a time. */
  single: Summary;
  /** As many at a time as connections were asked for. */
  loaded: Summary;
  failed: number;
  /** Of the server's or the floor's own process, under load; the database's is not in it. */
  processorMs: number | undefined;
}

export interface OperationFigures {
  operation: string;
  server: Figures;
  floor: Figures;
  /** Requests a second under load, against the floor's. */
  share: number;
}

type Target = Pick<StartedServer, 'url' | 'pid'> & { name: string };

interface Gathered {
  latencies: Float64Array[];
  seconds: number;
}

const WARM_UP_SECONDS = 0.5;
/** How much longer the measurement under load is, and how many more tickets it needs. */
const SHARE = { single: 1 / 3, loaded: 2 / 3 } as const;

export interface MeasureParts {
  load: LoadProcess;
  pools: TicketPools;
  server: StartedServer;
  floor: StartedServer;
  options: BenchOptions;
  onProgress(text: string): void;
}

/** Measures every operation, server and floor in turn, so that a busy moment of the machine meets both. */
export async function measureOperations(parts: MeasureParts): Promise<OperationFigures[]> {
  const all: OperationFigures[] = [];
  for (const operation of OPERATIONS) {
    parts.onProgress(operation.name);
    const server = await measureTogether(parts, operation);
    all.push({ operation: operation.name, ...server });
  }
  return all;
}

async function measureTogether(parts: MeasureParts, operation: Operation) {
  const { options } = parts;
  const targets: Target[] = [
    { ...parts.server, name: 's' },
    { ...parts.floor, name: 'f' },
  ];
  const gathered = targets.map(() => ({
    single: empty(),
    loaded: empty(),
    failed: 0,
    processor: 0,
    sent: 0,
  }));
  const stock = operation.tickets ? parts.pools.share(operation.tickets).length : 0;
  for (let round = 0; round < options.rounds; round += 1) {
    for (const kind of ['single', 'loaded'] as const) {
      for (const [i, target] of targets.entries()) {
        const into = gathered[i];
        if (!into) continue;
        const tickets = Math.floor((stock * SHARE[kind]) / (options.rounds * targets.length));
        const before = processorSeconds(target.pid);
        const result = await burst(parts, operation, target, kind, `${target.name}${round}${kind}`, tickets);
        into[kind].latencies.push(result.latencies);
        into[kind].seconds += result.seconds;
        into.failed += result.failed;
        if (kind === 'single') continue;
        into.processor += (processorSeconds(target.pid) ?? Number.NaN) - (before ?? Number.NaN);
        into.sent += result.sent;
      }
    }
  }
  const [server, floor] = gathered.map(({ single, loaded, failed, processor, sent }) => ({
    single: summarize(single.latencies, single.seconds),
    loaded: summarize(loaded.latencies, loaded.seconds),
    failed,
    processorMs: Number.isNaN(processor) ? undefined : (1000 * processor) / sent,
  }));
  if (!server || !floor) throw new Error('Two targets give two figures.');
  return { server, floor, share: server.loaded.perSecond / floor.loaded.perSecond };
}

function empty(): Gathered {
  return { latencies: [], seconds: 0 };
}

function burst(
  { load, pools, options }: MeasureParts,
  operation: Operation,
  target: Target,
  kind: 'single' | 'loaded',
  run: string,
  tickets: number,
) {
  const { tickets: pool, once } = operation;
  return load.fire({
    url: target.url,
    key: API_KEY,
    operation,
    tickets: !pool ? [] : once ? pools.take(pool, tickets) : pools.share(pool),
    connections: kind === 'single' ? 1 : options.connections,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds: kind === 'single' ? options.seconds / 2 : options.seconds,
    run,
  });
}
