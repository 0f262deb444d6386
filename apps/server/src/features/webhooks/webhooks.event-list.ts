import type { WebhookMessage } from '@parley/contract/webhooks';
import type { Project } from '#platform/actor.ts';
import { readPage } from '#platform/http/page.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { readStoredEvents } from './webhooks.fan-out.ts';
import { messageOf } from './webhooks.message.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

/** Events as webhooks get them, for who would rather ask. No delivery stands behind them, so the number names them. */
export async function listEvents(
  context: ReadContext,
  project: Project,
  query: { after?: string; limit?: string },
): Promise<{ results: WebhookMessage[]; last_seq: number; has_more: boolean }> {
  const { limit } = readPage({ limit: query.limit ?? '' }, DEFAULT_LIMIT, MAX_LIMIT);
  const after = /^\d{1,15}$/.test(query.after ?? '') ? Number(query.after) : 0;
  const events = await readStoredEvents(context.tx, project.id, after, limit + 1);
  const results = events.slice(0, limit).map((event) => messageOf(`evt_${project.id}_${event.seq}`, event));
  return { results, last_seq: results.at(-1)?.seq ?? after, has_more: events.length > limit };
}
