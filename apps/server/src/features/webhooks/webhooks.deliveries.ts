import type { PageOf } from '@parley/contract/schemas';
import {
  DELIVERY_STATES,
  type WebhookAttempt,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookMessage,
} from '@parley/contract/webhooks';
import type { Schema } from '@parley/db/schema';
import type { Kysely } from 'kysely';
import type { Project } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import { cursorLinks, readPage } from '#platform/http/page.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { presentDelivery } from './webhooks.present.ts';
import type { DeliveryRow, WebhookRow } from './webhooks.repo.ts';
import { findWebhook } from './webhooks.service.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Beyond this many a list says so instead of counting on (decisions.md 14). */
const COUNT_CAP = 10_000;
const SHOWN = [
  'id',
  'project_id',
  'webhook_id',
  'seq',
  'event',
  'ticket_id',
  'state',
  'attempts',
  'tries',
  'lease_token',
  'leased_until',
  'next_attempt_at',
  'finished_at',
  'response_status',
  'error',
  'created_at',
] as const;

interface DeliveriesQuery {
  state?: string;
  event?: string;
  ticket?: string;
  limit?: string;
  cursor?: string;
}

/** The log of a webhook, newest first, paged by cursor. */
export async function listDeliveries(
  context: ReadContext,
  project: Project,
  id: string,
  { query, url }: { query: DeliveriesQuery; url: URL },
): Promise<PageOf<WebhookDelivery>> {
  const webhook = await findWebhook(context, project, id);
  const filtered = filter(context.tx, webhook, query);
  const { limit } = readPage({ limit: query.limit ?? '' }, DEFAULT_LIMIT, MAX_LIMIT);
  const cursor = readCursor(query.cursor);
  let page = filtered.select(SHOWN).orderBy('id', cursor?.backward ? 'asc' : 'desc');
  if (cursor) page = page.where('id', cursor.backward ? '>' : '<', cursor.id);
  // One more than the page, which tells whether there is another one.
  const rows = await page.limit(limit + 1).execute();
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (cursor?.backward) shown.reverse();
  const [first, last] = [shown[0], shown.at(-1)];
  const isBeyond = cursor?.backward ? true : hasMore;
  const isBefore = cursor?.backward ? hasMore : cursor !== undefined;
  const count = await countUpTo(context.tx, filtered);
  return {
    count: Math.min(count, COUNT_CAP),
    ...cursorLinks(url, limit, {
      next: isBeyond && last ? `n${last.id}` : null,
      previous: isBefore && first ? `p${first.id}` : null,
    }),
    results: shown.map(presentDelivery),
    ...(count > COUNT_CAP ? { count_capped: true as const } : {}),
  };
}

function filter(tx: Kysely<Schema>, { project_id, id }: WebhookRow, query: DeliveriesQuery) {
  let rows = tx
    .selectFrom('webhook_deliveries')
    .where('project_id', '=', project_id)
    .where('webhook_id', '=', id);
  if (query.state !== undefined && query.state !== '')
    rows = rows.where('state', 'in', readStates(query.state));
  if (query.event !== undefined && query.event !== '') rows = rows.where('event', '=', query.event);
  if (query.ticket !== undefined && query.ticket !== '') {
    if (!isUuid(query.ticket)) throw invalid('ticket', 'Must be a valid UUID.');
    rows = rows.where('ticket_id', '=', query.ticket);
  }
  return rows;
}

function readStates(text: string): DeliveryRow['state'][] {
  return text.split(',').flatMap((name): DeliveryRow['state'][] => {
    const state = DELIVERY_STATES.find((known) => known === name.trim());
    if (!state) throw invalid('state', `Must be one of ${DELIVERY_STATES.join(', ')}.`, 'invalid_choice');
    return state === 'pending' ? ['pending', 'waiting'] : [state];
  });
}

/** Undefined for anything this server did not write; the list then starts at its beginning. */
function readCursor(text: string | undefined): { id: string; backward: boolean } | undefined {
  const [, direction, id = ''] = /^([np])(.{36})$/.exec(text ?? '') ?? [];
  return isUuid(id) ? { id, backward: direction === 'p' } : undefined;
}

async function countUpTo(tx: Kysely<Schema>, rows: ReturnType<typeof filter>): Promise<number> {
  const some = rows.select('id').limit(COUNT_CAP + 1);
  const counted = tx.selectFrom(some.as('some')).select(({ fn }) => fn.countAll<number>().as('n'));
  return Number((await counted.executeTakeFirst())?.n ?? 0);
}

/** One delivery with what was sent and what came back. */
export async function showDelivery(
  context: ReadContext,
  project: Project,
  webhookId: string,
  id: string,
): Promise<WebhookDeliveryDetail> {
  const webhook = await findWebhook(context, project, webhookId);
  const row = isUuid(id)
    ? await context.tx
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('project_id', '=', project.id)
        .where('webhook_id', '=', webhook.id)
        .where('id', '=', id)
        .executeTakeFirst()
    : undefined;
  if (!row) throw notFound();
  return {
    ...presentDelivery(row),
    // Both were written by this feature (webhooks.fan-out.ts, webhooks.finish.ts).
    request_body: JSON.parse(row.payload) as WebhookMessage,
    log: row.log as WebhookAttempt[],
  };
}
