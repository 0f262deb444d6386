import type { SearchRequest } from './tickets.search-request.ts';
import type { Sample, TextShare } from './tickets.search-sample.ts';

/**
 * How a search goes about it. A text that many tickets hold is found soonest by walking down the list; one that few
 * hold by its index, which would first gather them all. Which it is, a sample tells: the planner cannot know. Tests
 * change these figures to go every way on few rows.
 */
export const SEARCH_LIMITS = {
  /** Tickets drawn at first, in a further step, and in one that is only hopeful. */
  sample: 200,
  nextSample: 1500,
  hopefulSample: 200,
  hopefulPlain: 400,
  /** Most tickets drawn where no text is looked for: beyond, looking for as many as are counted is less. */
  plainSample: 600,
  /** With fewer tickets than this everything is looked at. */
  small: 1000,
  /** What it costs, in microseconds, to try a ticket of a list, one drawn, a row of an index, and a ticket it leads to. */
  tried: 17,
  drawn: 40,
  row: 4.5,
  led: 2,
  /** Up to this cost, in microseconds, all matches are looked up without drawing more. */
  cheap: 140_000,
  /** All matches are looked up at once, count and page together, up to so many times as many as are counted. */
  atOnce: 2,
  /** Rows that an index may lead to before the search takes stock, at the most. */
  rows: 60_000,
  /** A walk turns to the index when it is this many times as long as expected, but not before this many tickets. */
  patience: 4,
  window: 5_000,
  /** Tickets looked at before so many times as many are sorted. */
  peek: 3_000,
  peekWorth: 20,
};

/** What it costs to gather all tickets that hold a text by its index. One more than were drawn may hold it. */
export function lookupCost({ drawn, highestNumber, texts }: Sample, { share, messages }: TextShare): number {
  const tickets = (share + (texts.length > 0 ? 1 / drawn : 0)) * highestNumber;
  return tickets * (Math.max(1, messages) * SEARCH_LIMITS.row + SEARCH_LIMITS.led);
}

/** What it costs to try each ticket that the conditions without texts leave. */
export function everythingCost({ plainHits, drawn, highestNumber }: Sample): number {
  return ((plainHits + 1) / drawn) * highestNumber * SEARCH_LIMITS.tried;
}

/** How many tickets of the list without texts a walk passes until its page is full, as far as the sample tells. */
export function walkLength(sample: Sample, request: SearchRequest): number {
  const { hits, plainHits, drawn, highestNumber } = sample;
  if (hits === 0) return highestNumber;
  // The first hit drawn is not the first there is. One in fifty gaps is four times as long as usual.
  const gap = Math.max(0, distance(sample, request) - (4 * highestNumber) / hits);
  return gap * (plainHits / drawn) + ((request.limit + request.offset) * plainHits) / hits;
}

/** So many rows of an index lead to as many tickets as are counted, and a few more. */
export function rowsToCap({ cap }: SearchRequest, sample: Sample): number {
  const messages = pickRarest(sample)?.messages ?? 1;
  return Math.min(1.15 * cap * Math.max(1, messages), SEARCH_LIMITS.rows);
}

/** The text to look up: what the fewest hold; of equals the longest, which has the fewest false leads. */
export function pickRarest({ texts }: Sample): TextShare | undefined {
  return [...texts].sort((a, b) => a.share - b.share || b.text.length - a.text.length)[0];
}

/** How many tickets a walk passes before the first match, as far as numbers tell. */
function distance({ hitNumbers, highestNumber }: Sample, request: SearchRequest): number {
  const { order, reversed, isBounded } = request;
  if (isBounded) return 0;
  if (!hitNumbers) return highestNumber;
  if (order.column === 'sla_due_at' || order.column === 'snoozed_until') return 0;
  const isDownward = order.descending !== reversed;
  return isDownward ? highestNumber - hitNumbers.highest : hitNumbers.lowest;
}

/** Whether looking up all matches costs so little that more of a sample would save nothing. */
export function isCheap(sample: Sample): boolean {
  const rarest = pickRarest(sample);
  return sample.drawn > 0 && rarest !== undefined && lookupCost(sample, rarest) <= SEARCH_LIMITS.cheap;
}

export function matches({ hits, drawn, highestNumber }: Sample): number {
  return (hits / drawn) * highestNumber;
}
