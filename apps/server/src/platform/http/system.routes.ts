import type { Database } from '@parley/db/database';
import { pendingMigrations } from '@parley/db/migrate';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Clock } from '#platform/clock.ts';
import type { Jobs } from '#platform/jobs/boss.ts';
import type { MetricSources, Metrics } from '#platform/metrics.ts';
import type { Hub } from '#platform/realtime/hub.ts';

export interface SystemRoutesParts {
  database: Database;
  clock: Clock;
  metrics: Metrics;
  jobs: Jobs;
  hub: Hub | undefined;
  isStopping: () => boolean;
}

type Check = 'ok' | 'failed';

async function check(work: () => Promise<unknown>): Promise<Check> {
  try {
    await work();
    return 'ok';
  } catch {
    return 'failed';
  }
}

/** Seconds since the oldest event without a number was written. */
async function eventLag({ database, clock }: SystemRoutesParts): Promise<number> {
  const { rows } = await sql<{ oldest: Date | null }>`
    /* system: events.lag */
    select min(created_at) as oldest from events join event_counters using (project_id) where seq is null`.execute(
    database.kysely,
  );
  const oldest = rows[0]?.oldest;
  return oldest ? Math.max(0, (clock.now().getTime() - oldest.getTime()) / 1000) : 0;
}

/** For load balancers and monitoring: alive, ready, figures. They tell no more than that. */
export function bindSystemRoutes(app: FastifyInstance, parts: SystemRoutesParts): void {
  const { database, metrics, jobs } = parts;
  const sources: MetricSources = {
    pool: () => database.poolState(),
    jobs: () => jobs.counts(),
    eventLag: () => eventLag(parts),
    streamClients: () => parts.hub?.clients ?? 0,
  };
  app.get('/_health', async () => ({ status: 'ok' }));
  app.get('/_ready', async (_request, reply) => {
    const checks = {
      database: await check(() => sql`select 1`.execute(database.kysely)),
      migrations: await check(async () => {
        if ((await pendingMigrations(database)).length > 0) throw new Error('pending');
      }),
      jobs: await check(() => jobs.counts()),
    };
    const isReady = !parts.isStopping() && Object.values(checks).every((result) => result === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', checks });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render(sources)),
  );
}
