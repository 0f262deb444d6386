import { type Figures, Gatherer, type Kind } from './figures.ts';
import type { LoadProcess } from './load-process.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import type { BenchOptions } from './options.ts';
import { processorSeconds } from './process-figures.ts';
import { API_KEY, type StartedServer } from './server-process.ts';
import { median } from './statistics.ts';
import type { TicketPools } from './tickets.ts';

export interface OperationFigures {
  operation: string;
  server: Figures;
  floor: Figures;
  /** Requests a second under load against the floor's: the median of the rounds, each compared by itself. */
  share: number;
}

export interface MeasureParts {
  load: LoadProcess;
  pools: TicketPools;
  server: StartedServer;
  floor: StartedServer;
  options: BenchOptions;
  onProgress(text: string): void;
}

const WARM_UP_SECONDS = 0.5;
/** How much longer the measurement under load is, and how many more tickets it needs. */
const SHARE = { single: 1 / 3, loaded: 2 / 3 } as const;
const TARGETS = ['server', 'floor'] as const;

/** Measures every operation, server and floor in turn, so that a busy moment of the machine meets both. */
export async function measureOperations(parts: MeasureParts): Promise<OperationFigures[]> {
  const all: OperationFigures[] = [];
  for (const operation of OPERATIONS) {
    parts.onProgress(operation.name);
    all.push(await measureOperation(parts, operation));
  }
  return all;
}

async function measureOperation(parts: MeasureParts, operation: Operation): Promise<OperationFigures> {
  const { rounds } = parts.options;
  const gathered = { server: new Gatherer(), floor: new Gatherer() };
  const stock = operation.tickets ? parts.pools.share(operation.tickets).length : 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['single', 'loaded'] as const) {
      for (const target of TARGETS) {
        const tickets = Math.floor((stock * SHARE[kind]) / (rounds * TARGETS.length));
        const { pid } = parts[target];
        const before = processorSeconds(pid);
        const result = await burst(parts, operation, target, kind, `${target}${round}${kind}`, tickets);
        const after = processorSeconds(pid);
        const used = before === undefined || after === undefined ? undefined : after - before;
        gathered[target].add(kind, result, used);
      }
    }
  }
  const { server, floor } = gathered;
  const shares = server.rates.map((rate, i) => rate / (floor.rates[i] ?? Number.NaN));
  return {
    operation: operation.name,
    server: server.figures(),
    floor: floor.figures(),
    share: median(shares),
  };
}

function burst(
  parts: MeasureParts,
  operation: Operation,
  target: (typeof TARGETS)[number],
  kind: Kind,
  run: string,
  tickets: number,
) {
  const { load, pools, options } = parts;
  const { tickets: pool, once } = operation;
  return load.fire({
    url: parts[target].url,
    key: API_KEY,
    operation,
    tickets: !pool ? [] : once ? pools.take(pool, tickets) : pools.share(pool),
    connections: kind === 'single' ? 1 : options.connections,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds: kind === 'single' ? options.seconds / 2 : options.seconds,
    run,
  });
}
