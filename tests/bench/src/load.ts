import autocannon from 'autocannon';
import { bodyFor, type Operation, pathFor } from './operations.ts';

/** One burst of requests, as the benchmark asks a process of its own for it. */
export interface LoadRequest {
  url: string;
  key: string;
  operation: Operation;
  tickets: readonly string[];
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  /** Tells the messages of this burst from those of every other one. */
  run: string;
}

export interface LoadResult {
  /** Milliseconds of each answered request after the warm-up. */
  latencies: Float64Array;
  /** How long the requests after the warm-up took together. */
  seconds: number;
  /** Requests that were not answered with success. */
  failed: number;
  /** All requests, the warm-up's included. */
  sent: number;
}

function fire(request: LoadRequest): Promise<LoadResult> {
  const { operation, tickets, connections, warmUpSeconds, seconds, run } = request;
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const latencies: number[] = [];
  const startedAt = performance.now();
  const measureFrom = startedAt + warmUpSeconds * 1000;
  const measureUntil = measureFrom + seconds * 1000;
  let endedAt = measureUntil;
  let next = 0;

  const setupRequest = (one: autocannon.Request): autocannon.Request => {
    const index = next++;
    if (operation.once && index === tickets.length) {
      endedAt = Math.min(measureUntil, performance.now());
      instance.stop();
    }
    const path = pathFor(operation, tickets.length > 0 ? tickets[index % tickets.length] : undefined);
    return { ...one, path, body: bodyFor(operation, run, index) ?? '' };
  };
  const instance = autocannon(
    {
      url: request.url,
      connections,
      duration: warmUpSeconds + seconds,
      // How often it looks whether it is time to stop.
      sampleInt: 50,
      headers: {
        authorization: `Bearer ${request.key}`,
        ...(operation.message || operation.empty ? { 'content-type': 'application/json' } : {}),
      },
      requests: [{ method: operation.method, path: operation.path, setupRequest }],
    },
    (error, result) => {
      if (error) return reject(error);
      resolve({
        latencies: Float64Array.from(latencies),
        seconds: Math.max(0, endedAt - measureFrom) / 1000,
        failed: result.errors + result.timeouts + result.non2xx,
        sent: next,
      });
    },
  );
  instance.on('response', (_client, _status, _bytes, milliseconds) => {
    const now = performance.now();
    if (now >= measureFrom && now < measureUntil) latencies.push(milliseconds);
  });
  return promise;
}

process.on('message', (request: LoadRequest) => {
  fire(request).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
