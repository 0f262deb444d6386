import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';
import { BUCKETS, type Contribution } from './report-figures.ts';

type Tx = Transaction<Schema>;

/** What a ticket adds to the figures, and under which dimensions. */
export interface HeldTicket {
  ticket_id: string;
  channel_source: string;
  assignee: string;
  tags: string[];
  figures: Contribution[];
}

/** What the tickets are in the figures with, locked by whoever holds the project's progress. */
export async function readHeld(tx: Tx, projectId: number, ids: readonly string[]): Promise<HeldTicket[]> {
  const { rows } = await sql<HeldTicket>`
    select ticket_id, channel_source, assignee, tags, figures from report_tickets
    where project_id = ${projectId} and ticket_id = any(${[...ids]}::uuid[])`.execute(tx);
  return rows;
}

/** Remembers what tickets are in the figures with; those that add nothing any more are forgotten. */
export async function writeHeld(tx: Tx, projectId: number, tickets: readonly HeldTicket[]): Promise<void> {
  const gone = tickets.filter(({ figures }) => figures.length === 0).map(({ ticket_id }) => ticket_id);
  const kept = tickets.filter(({ figures }) => figures.length > 0);
  if (gone.length > 0) {
    await sql`
      delete from report_tickets where project_id = ${projectId} and ticket_id = any(${gone}::uuid[])`.execute(
      tx,
    );
  }
  if (kept.length === 0) return;
  // A ticket may have been purged since it was read: then its row is not there to refer to.
  await sql`
    insert into report_tickets (project_id, ticket_id, channel_source, assignee, tags, figures)
    select ${projectId}, k.ticket_id, k.channel_source, k.assignee,
      array(select e.tag from jsonb_array_elements_text(k.tags) as e(tag)), k.figures
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb)
      as k(ticket_id uuid, channel_source text, assignee text, tags jsonb, figures jsonb)
    on conflict (project_id, ticket_id) do update set channel_source = excluded.channel_source,
      assignee = excluded.assignee, tags = excluded.tags, figures = excluded.figures`.execute(tx);
}

export interface BucketDelta {
  figure: string;
  tag: string;
  channel_source: string;
  assignee: string;
  day: string;
  n: number;
  total: number;
  histogram: number[] | null;
}

/** Stands for every channel, and for every assignee. */
export const ALL = '*';

/** Sums of what is to be added to the buckets and taken from them. */
export class BucketDeltas {
  private readonly sums = new Map<string, BucketDelta>();

  add(ticket: HeldTicket, sign: 1 | -1): void {
    for (const tag of ['', ...ticket.tags]) {
      for (const channel of [ALL, ticket.channel_source]) {
        for (const assignee of [ALL, ticket.assignee]) {
          for (const contribution of ticket.figures) this.addOne(tag, channel, assignee, contribution, sign);
        }
      }
    }
  }

  get size(): number {
    return this.sums.size;
  }

  /** Those that change something. */
  all(): BucketDelta[] {
    return [...this.sums.values()].filter(
      ({ n, total, histogram }) => n !== 0 || total !== 0 || histogram?.some((count) => count !== 0),
    );
  }

  private addOne(
    tag: string,
    channel_source: string,
    assignee: string,
    [figure, day, n, total, bucket]: Contribution,
    sign: 1 | -1,
  ): void {
    // Tags hold anything but NUL.
    const key = [figure, day, channel_source, assignee, tag].join('\0');
    let sum = this.sums.get(key);
    if (!sum) {
      const histogram = bucket === null ? null : new Array<number>(BUCKETS).fill(0);
      sum = { figure, tag, channel_source, assignee, day, n: 0, total: 0, histogram };
      this.sums.set(key, sum);
    }
    sum.n += sign * n;
    sum.total += sign * total;
    if (bucket !== null && sum.histogram) sum.histogram[bucket] = (sum.histogram[bucket] ?? 0) + sign * n;
  }
}

/** Rows of one statement. */
const WRITTEN = 5000;

export async function addToBuckets(tx: Tx, projectId: number, deltas: readonly BucketDelta[]): Promise<void> {
  for (let start = 0; start < deltas.length; start += WRITTEN) {
    const some = JSON.stringify(deltas.slice(start, start + WRITTEN));
    await sql`
      insert into report_buckets as bucket
        (project_id, figure, tag, channel_source, assignee, day, n, total, histogram)
      select ${projectId}, d.figure, d.tag, d.channel_source, d.assignee, d.day, d.n, d.total,
        case when jsonb_typeof(d.histogram) = 'array'
          then array(select e.n::integer from jsonb_array_elements_text(d.histogram) as e(n)) end
      from jsonb_to_recordset(${some}::jsonb) as d(figure text, tag text, channel_source text, assignee text, day date,
        n bigint, total bigint, histogram jsonb)
      on conflict (project_id, figure, tag, channel_source, assignee, day) do update
        set n = bucket.n + excluded.n, total = bucket.total + excluded.total,
          histogram = add_counts(bucket.histogram, excluded.histogram)`.execute(tx);
  }
}
