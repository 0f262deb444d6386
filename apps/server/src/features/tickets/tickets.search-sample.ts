import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { allOf, type Condition } from './tickets.filter-sql.ts';
import type { Sought } from './tickets.filters.ts';
import { holdsText, holdsWord, messagesHolding } from './tickets.search-sql.ts';

/** What a look at tickets drawn at random says about all of them. */
export interface Sample {
  /** Tickets drawn; numbers of purged tickets count as tickets that do not match. */
  drawn: number;
  /** No project has more tickets than its highest number. */
  highestNumber: number;
  /** Of the drawn, those that match everything. */
  hits: number;
  /** The first and the last number among those. */
  hitNumbers: { lowest: number; highest: number } | undefined;
  /** For each text, the share of the drawn that hold it, and in how many messages each that does. */
  texts: { text: string; share: number; messages: number }[];
}

/**
 * Draws tickets by their numbers, at random: a sample of the newest would not know what older ones hold. Of a project
 * with no more than `small` tickets none is drawn.
 */
export async function drawSample(
  context: ReadContext,
  {
    projectId,
    plain,
    words: sought,
  }: { projectId: number; plain: readonly Condition[]; words: readonly Sought[] },
  size: number,
  small: number,
): Promise<Sample> {
  const texts = sought.filter((word) => !word.excluded).map((word) => word.text);
  const excluded = sought.filter((word) => word.excluded).map(holdsWord);
  const held = texts.map((text, index) => sql`${holdsText(text)} as ${sql.ref(`w${index}`)}`);
  const words = texts.map((_, index) => sql.ref(`held.w${index}`));
  const sums = texts.flatMap((text, index) => [
    sql`count(*) filter (where ${words[index]})`,
    sql`coalesce(sum(case when ${words[index]} then ${messagesHolding(text)} end), 0)::bigint`,
  ]);
  const isHit = allOf([...plain, ...words, ...excluded]);
  const { rows } = await sql<SampleRow>`
    select coalesce(max(reach.highest), 0) as highest,
      count(*) filter (where ${isHit})::integer as hits,
      min(t.ticket_number) filter (where ${isHit}) as lowest_hit,
      max(t.ticket_number) filter (where ${isHit}) as highest_hit,
      ${texts.length > 0 ? sql`array[${sql.join(sums)}]` : sql`array[]`}::integer[] as sums
    from (select max(n.ticket_number) as highest from tickets n where n.project_id = ${projectId}) reach
    cross join lateral (select 1 + floor(random() * reach.highest)::integer as number
      from generate_series(1, case when reach.highest > ${small}::integer then ${size}::integer else 0 end)) drawn
    join tickets t on t.project_id = ${projectId} and t.ticket_number = drawn.number
    cross join lateral (select ${texts.length > 0 ? sql.join(held) : sql`true`} offset 0) held`.execute(
    context.tx,
  );
  const isDrawn = (rows[0]?.highest ?? 0) > small;
  return toSample(rows[0], texts, isDrawn ? size : 0);
}

interface SampleRow {
  highest: number;
  hits: number;
  lowest_hit: number | null;
  highest_hit: number | null;
  sums: number[];
}

function toSample(row: SampleRow | undefined, texts: readonly string[], drawn: number): Sample {
  const { highest = 0, hits = 0, lowest_hit: lowest, highest_hit: last, sums = [] } = row ?? {};
  return {
    drawn,
    highestNumber: highest,
    hits,
    hitNumbers: lowest == null || last == null ? undefined : { lowest, highest: last },
    texts: texts.map((text, index) => {
      const [held = 0, messages = 0] = sums.slice(2 * index);
      return { text, share: held / drawn, messages: held === 0 ? 0 : messages / held };
    }),
  };
}

/** Both samples as one. */
export function together(one: Sample, other: Sample): Sample {
  const [a, b] = [one.hitNumbers, other.hitNumbers];
  const both = a && b && { lowest: Math.min(a.lowest, b.lowest), highest: Math.max(a.highest, b.highest) };
  return { ...one, drawn: one.drawn + other.drawn, hits: one.hits + other.hits, hitNumbers: both ?? a ?? b };
}

/** Odds of one to e^27, some hundred thousand million, are as good as certain. */
const CERTAIN = 27;

/**
 * Whether more than `cap` tickets match, beyond doubt. If no more than that matched, a ticket drawn would match with a
 * probability of at most cap / highestNumber; Chernoff's bound says how unlikely this many hits would then be.
 */
export function isBeyond(cap: number, { drawn, highestNumber, hits }: Sample): boolean {
  if (drawn === 0) return false;
  const expected = cap / highestNumber;
  const share = hits / drawn;
  if (expected >= 1 || share <= expected) return false;
  const divergence =
    share * Math.log(share / expected) +
    (share < 1 ? (1 - share) * Math.log((1 - share) / (1 - expected)) : 0);
  return drawn * divergence >= CERTAIN;
}
