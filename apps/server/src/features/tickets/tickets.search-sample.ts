import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';
import { allOf, type Condition } from './tickets.filter-sql.ts';
import type { Sought } from './tickets.filters.ts';
import { holdsWord, messagesHolding } from './tickets.search-sql.ts';

/** What a look at tickets drawn at random says about all of them. */
export interface Sample {
  /** Tickets drawn; numbers of purged tickets count as tickets that do not match. */
  drawn: number;
  /** How many numbers there are to draw from: no project has more tickets than that. */
  highestNumber: number;
  /** Of the drawn, those that match everything but the texts, and those that match these too. */
  plainHits: number;
  hits: number;
  /** The first and the last place among those numbers, of the tickets that match. */
  hitNumbers: { lowest: number; highest: number } | undefined;
  /** For each text, the share of the drawn that hold it, and in how many messages each that does. */
  texts: { text: string; share: number; messages: number }[];
}

/**
 * The stretches of numbers that tickets have, looked for by powers of two: an import may keep numbers far above all
 * others, and drawing from between would find nothing. Those without a gap between them are one, mostly the only one.
 * Places count through all stretches, from 0.
 */
const stretches = (projectId: number) => sql`
  select min(part.first) as first, sum(part.width) as width, min(part.place) as place
  from (
    select lo.number as first, hi.number - lo.number + 1 as width,
      sum(hi.number - lo.number + 1) over (order by power) - (hi.number - lo.number + 1) as place
    from generate_series(9, 30) as power
    cross join lateral (select case when power = 9 then 0 else 1::bigint << power end as low) edge
    cross join lateral (select min(n.ticket_number) as number from tickets n where n.project_id = ${projectId}
      and n.ticket_number >= edge.low and n.ticket_number < 1::bigint << (power + 1)) lo
    cross join lateral (select max(n.ticket_number) as number from tickets n where n.project_id = ${projectId}
      and n.ticket_number >= edge.low and n.ticket_number < 1::bigint << (power + 1)) hi
    where lo.number is not null) part
  group by part.first - part.place`;

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
  const wanted = sought.filter((word) => !word.excluded);
  const texts = wanted.map((word) => word.text);
  const excluded = sought.filter((word) => word.excluded).map(holdsWord);
  const held = wanted.map((word, index) => sql`${holdsWord(word)} as ${sql.ref(`w${index}`)}`);
  const words = texts.map((_, index) => sql.ref(`held.w${index}`));
  const sums = texts.flatMap((text, index) => [
    sql`count(*) filter (where ${words[index]})`,
    sql`coalesce(sum(case when ${words[index]} then ${messagesHolding(text)} end), 0)::bigint`,
  ]);
  const isHit = allOf([...plain, ...words, ...excluded]);
  const { rows } = await sql<SampleRow>`
    with stretch as materialized (${stretches(projectId)})
    select coalesce(max(reach.highest), 0)::bigint as highest,
      count(*) filter (where ${allOf(plain)})::integer as plain_hits,
      count(*) filter (where ${isHit})::integer as hits,
      min(drawn.place) filter (where ${isHit}) as lowest_hit,
      max(drawn.place) filter (where ${isHit}) as highest_hit,
      ${texts.length > 0 ? sql`array[${sql.join(sums)}]` : sql`array[]`}::integer[] as sums
    from (select sum(width)::bigint as highest from stretch) reach
    cross join lateral (select floor(random() * reach.highest::float8)::bigint as place
      from generate_series(1, case when reach.highest > ${small}::integer then ${size}::integer else 0 end)) drawn
    join stretch s on drawn.place >= s.place and drawn.place < s.place + s.width
    join tickets t on t.project_id = ${projectId} and t.ticket_number = s.first + (drawn.place - s.place)
    cross join lateral (select ${texts.length > 0 ? sql.join(held) : sql`true`} offset 0) held`.execute(
    context.tx,
  );
  const isDrawn = (rows[0]?.highest ?? 0) > small;
  return toSample(rows[0], texts, isDrawn ? size : 0);
}

interface SampleRow {
  highest: number;
  plain_hits: number;
  hits: number;
  lowest_hit: number | null;
  highest_hit: number | null;
  sums: number[];
}

function toSample(row: SampleRow | undefined, texts: readonly string[], drawn: number): Sample {
  const {
    highest = 0,
    hits = 0,
    plain_hits = 0,
    lowest_hit: lowest,
    highest_hit: last,
    sums = [],
  } = row ?? {};
  return {
    drawn,
    highestNumber: highest,
    plainHits: plain_hits,
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
  if (other.drawn === 0) return one;
  const [a, b] = [one.hitNumbers, other.hitNumbers];
  const both = a && b && { lowest: Math.min(a.lowest, b.lowest), highest: Math.max(a.highest, b.highest) };
  return {
    drawn: one.drawn + other.drawn,
    highestNumber: Math.max(one.highestNumber, other.highestNumber),
    plainHits: one.plainHits + other.plainHits,
    hits: one.hits + other.hits,
    hitNumbers: both ?? a ?? b,
    texts: one.texts.map((text, index) => averageOf(text, one.drawn, other.texts[index], other.drawn)),
  };
}

/** What a sample says about one text. */
export type TextShare = Sample['texts'][number];

function averageOf(one: TextShare, drawn: number, other: TextShare | undefined, more: number): TextShare {
  if (!other) return one;
  const [held, heldToo] = [one.share * drawn, other.share * more];
  const messages = held * one.messages + heldToo * other.messages;
  return {
    ...one,
    share: (held + heldToo) / (drawn + more),
    messages: messages === 0 ? 0 : messages / (held + heldToo),
  };
}

/** Odds of one to e^15, three million, in the worst case there is, are as good as certain. */
const CERTAIN = 15;

/**
 * How many tickets have to be drawn to be sure that more than `cap` match, if the share of hits stays what it is;
 * Infinity where it does not speak for it. If no more than that matched, a ticket drawn would match with a probability
 * of at most cap / highestNumber; Chernoff's bound says how unlikely the hits would then be.
 */
function drawsNeeded(cap: number, { drawn, highestNumber }: Sample, hits: number): number {
  const expected = cap / highestNumber;
  const share = Math.min(1, hits / drawn);
  if (drawn === 0 || expected >= 1 || share <= expected) return Number.POSITIVE_INFINITY;
  const divergence =
    share * Math.log(share / expected) +
    (share < 1 ? (1 - share) * Math.log((1 - share) / (1 - expected)) : 0);
  return CERTAIN / divergence;
}

/** How many more may make it certain: with as many hits as there could be, chance having been against them so far. */
export function drawsMissing(cap: number, sample: Sample): { likely: number; least: number } {
  const most = sample.hits + 2 * Math.sqrt(sample.hits) + 1;
  const missing = (hits: number) => Math.ceil(drawsNeeded(cap, sample, hits) - sample.drawn);
  return { likely: missing(sample.hits), least: missing(most) };
}

/** Whether more than `cap` tickets match, beyond doubt. */
export function isBeyond(cap: number, sample: Sample): boolean {
  return sample.drawn >= drawsNeeded(cap, sample, sample.hits);
}
