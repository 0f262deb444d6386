import type { TestProject } from 'vitest/node';
import { findPostgres, startPostgres } from './postgres.ts';
import { findRedis, startRedis } from './redis.ts';
import { createEmbeddedTemplate, createPostgresTemplate } from './templates.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where the tests have no Redis: `describe.skipIf(!inject('redisUrl'))`. */
    redisUrl: string | undefined;
  }
}

type Cleanup = () => Promise<void>;

async function setUpPostgres(project: TestProject, cleanups: Cleanup[]): Promise<void> {
  const source = findPostgres();
  if (!source) return;
  const server = await startPostgres(source);
  cleanups.push(server.stop);
  const template = await createPostgresTemplate(server.url);
  cleanups.push(template.dropAll);
  project.provide('postgres', { url: server.url, template: template.prefix });
}

async function setUpEmbedded(project: TestProject, cleanups: Cleanup[]): Promise<void> {
  const template = await createEmbeddedTemplate();
  cleanups.push(template.remove);
  project.provide('embeddedTemplate', template.file);
}

async function setUpRedis(project: TestProject, cleanups: Cleanup[]): Promise<void> {
  const source = findRedis();
  const server = source && (await startRedis(source));
  if (server) cleanups.push(server.stop);
  project.provide('redisUrl', server?.url);
}

/** Says what could not be tested on this machine, or nothing. */
function describeSkipped(): string {
  const skipped = [
    ...(findPostgres()
      ? []
      : ['every test that uses a database ran on the embedded one only (no PostgreSQL found)']),
    ...(findRedis() ? [] : ['the tests that use Redis did not run (no redis-server found)']),
  ];
  if (skipped.length === 0) return '';
  const how =
    'To run them: apt-get install postgresql redis-server, or set PARLEY_TEST_POSTGRES_URL and PARLEY_TEST_REDIS_URL.';
  return `\nSKIPPED: ${skipped.join('\nSKIPPED: ')}\n${how}\n`;
}

/** Starts what the selected projects need, and stops it when the run ends. */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const selected = project.vitest.projects.map(({ name }) => name);
  if (selected.every((name) => name === 'pure')) return undefined;
  const skipped = describeSkipped();
  if (skipped && process.env.CI) throw new Error(`In CI nothing may be skipped.${skipped}`);
  const cleanups: Cleanup[] = [];
  const tearDown = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    process.stdout.write(skipped);
  };
  try {
    await setUpRedis(project, cleanups);
    if (selected.includes('postgres')) await setUpPostgres(project, cleanups);
    if (selected.includes('pglite')) await setUpEmbedded(project, cleanups);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}
