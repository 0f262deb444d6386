import type { LoadResult } from './load.ts';
import { type Summary, summarize } from './statistics.ts';

export interface Figures {
  /** One request at a time. */
  single: Summary;
  /** As many at a time as connections were asked for. */
  loaded: Summary;
  failed: number;
  /** Of the server's or the floor's own process, under load; the database's is not in it. */
  processorMs: number | undefined;
}

export type Kind = 'single' | 'loaded';

/** Adds up the rounds of one operation on one target. */
export class Gatherer {
  /** Requests a second under load, of each round. */
  readonly rates: number[] = [];
  readonly #parts = { single: [] as LoadResult[], loaded: [] as LoadResult[] };
  #processorSeconds: number | undefined = 0;

  add(kind: Kind, result: LoadResult, processorSeconds: number | undefined): void {
    this.#parts[kind].push(result);
    if (kind === 'single') return;
    this.rates.push(result.latencies.length / result.seconds);
    const before = this.#processorSeconds;
    this.#processorSeconds =
      before === undefined || processorSeconds === undefined ? undefined : before + processorSeconds;
  }

  figures(): Figures {
    const { single, loaded } = this.#parts;
    const sent = loaded.reduce((sum, part) => sum + part.sent, 0);
    const seconds = this.#processorSeconds;
    return {
      single: together(single),
      loaded: together(loaded),
      failed: [...single, ...loaded].reduce((sum, part) => sum + part.failed, 0),
      processorMs: seconds === undefined || sent === 0 ? undefined : (1000 * seconds) / sent,
    };
  }
}

function together(parts: readonly LoadResult[]): Summary {
  return summarize(
    parts.map((part) => part.latencies),
    parts.reduce((sum, part) => sum + part.seconds, 0),
  );
}
