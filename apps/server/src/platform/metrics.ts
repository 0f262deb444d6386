import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Figures that are read when somebody asks for them. */
export interface MetricSources {
  pool(): { total: number; idle: number; waiting: number };
  jobs(): Promise<{ name: string; queued: number; active: number; failed: number }[]>;
  /** Seconds since the oldest event that has no number yet; 0 when all have one. */
  eventLag(): Promise<number>;
  streamClients(): number;
}

export interface Metrics {
  observeRequest(operation: string, status: number, seconds: number): void;
  /** One attempt to deliver something over a channel, by how it ended. */
  countDelivery(channel: string, outcome: string): void;
  /** Events that pages report, by what became of them: kept, dropped, shed (no room) or lost. */
  countPageEvents(outcome: 'kept' | 'dropped' | 'shed' | 'lost', count: number): void;
  /** Prometheus text format. */
  render(sources: MetricSources): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: 'parley_http_request_seconds',
    help: 'Duration of HTTP requests by operation id.',
    labelNames: ['operation', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const pool = new Gauge({
    name: 'parley_database_connections',
    help: 'Database connections by state.',
    labelNames: ['state'] as const,
    registers,
  });
  const jobs = new Gauge({
    name: 'parley_jobs',
    help: 'Jobs by queue and state.',
    labelNames: ['queue', 'state'] as const,
    registers,
  });
  const lag = new Gauge({
    name: 'parley_event_lag_seconds',
    help: 'Age of the oldest event without a number.',
    registers,
  });
  const { deliveries, pageEvents } = createCounters(registers);
  const streams = new Gauge({ name: 'parley_stream_clients', help: 'Open event streams.', registers });

  return {
    contentType: registry.contentType,
    observeRequest: (operation, status, seconds) =>
      requests.observe({ operation, status: String(status) }, seconds),
    countDelivery: (channel, outcome) => deliveries.inc({ channel, outcome }),
    countPageEvents: (outcome, count) => pageEvents.inc({ outcome }, count),
    async render(sources) {
      const { total, idle, waiting } = sources.pool();
      pool.set({ state: 'active' }, total - idle);
      pool.set({ state: 'idle' }, idle);
      pool.set({ state: 'waiting' }, waiting);
      jobs.reset();
      for (const { name, queued, active, failed } of await sources.jobs()) {
        jobs.set({ queue: name, state: 'queued' }, queued);
        jobs.set({ queue: name, state: 'active' }, active);
        jobs.set({ queue: name, state: 'failed' }, failed);
      }
      lag.set(await sources.eventLag());
      streams.set(sources.streamClients());
      return registry.metrics();
    },
  };
}

function createCounters(registers: Registry[]) {
  const deliveries = new Counter({
    name: 'parley_delivery_attempts_total',
    help: 'Attempts to deliver to the outside, by channel and outcome.',
    labelNames: ['channel', 'outcome'] as const,
    registers,
  });
  const pageEvents = new Counter({
    name: 'parley_page_events_total',
    help: 'Events reported by pages, by what became of them.',
    labelNames: ['outcome'] as const,
    registers,
  });
  return { deliveries, pageEvents };
}
