import { setTimeout as delay } from 'node:timers/promises';
import { bodyFor, OPERATIONS, type Operation, pathFor } from './operations.ts';
import { type Asked, planFrom, type Step } from './plan.ts';
import { API_KEY, startParley } from './server-process.ts';
import type { TicketPools } from './tickets.ts';
import type { Recorded } from './wire-messages.ts';
import { startWireTap, type WireTap } from './wire-tap.ts';

/** What one request of an operation makes the server run, and what it answers. */
export interface OperationPlan {
  method: string;
  path: string;
  isPage: boolean;
  steps: Step[];
  status: number;
  /** The answer where no statement gives it, such as a cached figure. */
  body: string;
}

const ATTEMPTS = 5;

interface Shot {
  recorded: Recorded[];
  asked: Asked;
  status: number;
  body: string;
}

/**
 * Records what the server runs for one request of each operation, by listening on its connection to PostgreSQL. The
 * floor runs exactly this, so it can't drift from the server.
 */
export async function capturePlans(databaseUrl: string, pools: TicketPools): Promise<OperationPlan[]> {
  const tap = await startWireTap(databaseUrl);
  // Without the roles that work in the background, what is heard belongs to the request.
  const server = await startParley({ databaseUrl: tap.url, roles: 'http' });
  try {
    const plans: OperationPlan[] = [];
    for (const operation of OPERATIONS) plans.push(await capture(tap, server.url, operation, pools));
    return plans;
  } finally {
    await server.stop();
    await tap.close();
  }
}

async function capture(
  tap: WireTap,
  url: string,
  operation: Operation,
  pools: TicketPools,
): Promise<OperationPlan> {
  const take = () => (operation.tickets ? pools.take(operation.tickets, 1)[0] : undefined);
  // Fills the caches, and notes once that the key was used.
  await shoot(tap, url, operation, take(), 0);
  let counter = 1;
  for (let tries = 0; tries < ATTEMPTS; tries += 1) {
    const shot = await shoot(tap, url, operation, take(), counter++);
    const another = await shoot(tap, url, operation, take(), counter++);
    const steps = planFrom(shot.recorded, shot.asked, another.recorded);
    const { method, path, isPage = false } = operation;
    if (steps) return { method, path, isPage, steps, status: shot.status, body: shot.body };
    // A heartbeat came in between, or a statement came often enough to be prepared.
    await delay(200);
  }
  throw new Error(`Two requests of "${operation.name}" never ran the same statements.`);
}

async function shoot(
  tap: WireTap,
  url: string,
  operation: Operation,
  ticket: string | undefined,
  index: number,
): Promise<Shot> {
  const asked = { ticket, startedAt: Date.now() };
  const body = bodyFor(operation, 'capture', index);
  const stop = tap.record();
  const response = await fetch(url + pathFor(operation, ticket), {
    method: operation.method,
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  const answer = await response.text();
  // The floor takes its tickets' numbers from itself: they are no part of the transaction (decision 0011).
  const recorded = stop().filter(({ text }) => !/^\s*update ticket_counters/.test(text));
  if (!response.ok) throw new Error(`${operation.name} answered ${response.status}: ${answer.slice(0, 500)}`);
  return { recorded, asked, status: response.status, body: answer };
}
