import type { WorkingCalendar } from '#features/working-hours/calendar.types.ts';
import { workingTimeBetween } from '#features/working-hours/working-time.service.ts';
import { bucketOf, type Contribution, type Day, type Figure } from './report-figures.ts';

/** What is known of a ticket, out of its rows. */
export interface TicketFacts {
  status: string;
  created_at: Date;
  resolved_at: Date | null;
  sla_due_at: Date | null;
  /** The deadline that was reported as missed. */
  sla_breached_for: Date | null;
  merged_into_id: string | null;
  deleted_at: Date | null;
  /** Public messages, oldest first. */
  messages: readonly { author_type: string; created_at: Date }[];
  /** Changes of the status to `resolved` and away from it, oldest first. */
  transitions: readonly { after: string; created_at: Date }[];
  rating: { rating: 'good' | 'bad'; score: number | null; created_at: Date } | undefined;
}

/** Who counts as the team: people. Neither the AI nor a workflow answers for it. */
const TEAM: ReadonlySet<string> = new Set(['support', 'human']);

interface Episode {
  resolved: Date;
  reopened: Date | undefined;
}

/**
 * What a ticket adds to the figures of its project (docs/reports.md). It follows from the ticket as it is now, however
 * it came about, so it can be worked out again at any time. A deleted ticket adds nothing.
 */
export function contributionsOf(ticket: TicketFacts, calendar: WorkingCalendar): Contribution[] {
  if (ticket.deleted_at !== null) return [];
  const list = new ContributionList(calendar);
  list.count('created', ticket.created_at);
  for (const { author_type, created_at } of ticket.messages) {
    if (author_type === 'customer') list.count('customer_messages', created_at);
    else if (TEAM.has(author_type)) list.count('replies', created_at);
  }
  addFirstResponse(list, ticket);
  const episodes = episodesOf(ticket);
  addResolutions(list, ticket, episodes);
  addDeadline(list, ticket);
  addRating(list, ticket);
  return list.all();
}

/** From the customer's first message to the first answer of the team. None where the team wrote first. */
function addFirstResponse(list: ContributionList, { messages }: TicketFacts): void {
  const first = messages.find(({ author_type }) => author_type === 'customer' || TEAM.has(author_type));
  if (first?.author_type !== 'customer') return;
  const answer = messages.find(({ author_type }) => TEAM.has(author_type));
  if (answer) list.duration('first_response', first.created_at, answer.created_at);
}

/** How often it was resolved, and until when. What the row says wins over a log with gaps (an import has none). */
function episodesOf({ status, resolved_at, created_at, transitions }: TicketFacts): Episode[] {
  const episodes: Episode[] = [];
  const isResolved = () => {
    const last = episodes.at(-1);
    return last !== undefined && last.reopened === undefined;
  };
  for (const { after, created_at: at } of transitions) {
    const last = episodes.at(-1);
    if (after === 'resolved' && !isResolved()) episodes.push({ resolved: at, reopened: undefined });
    else if (after !== 'resolved' && last && isResolved()) last.reopened = at;
    // It came into being resolved.
    else if (after !== 'resolved' && !last) episodes.push({ resolved: created_at, reopened: at });
  }
  if (status === 'resolved' && !isResolved())
    episodes.push({ resolved: resolved_at ?? created_at, reopened: undefined });
  if (status !== 'resolved' && isResolved()) episodes.pop();
  return episodes;
}

function addResolutions(list: ContributionList, ticket: TicketFacts, episodes: readonly Episode[]): void {
  const last = episodes.at(-1);
  for (const episode of episodes) {
    const isMerge = episode === last && ticket.merged_into_id !== null;
    list.count(isMerge ? 'merged' : 'resolved', episode.resolved);
    if (episode.reopened) list.count('reopened', episode.reopened);
  }
  if (!last || last.reopened || ticket.merged_into_id !== null) return;
  list.duration('resolution', ticket.created_at, last.resolved);
  const replies = ticket.messages.filter(
    ({ author_type, created_at }) => TEAM.has(author_type) && created_at <= last.resolved,
  );
  if (replies.length === 1 && episodes.length === 1) list.count('one_touch', last.resolved);
}

/** A deadline counts when it is over: the ticket was resolved, or the deadline passed before. */
function addDeadline(list: ContributionList, ticket: TicketFacts): void {
  const { sla_due_at: due, sla_breached_for: missed, resolved_at, status, merged_into_id } = ticket;
  if (due === null || merged_into_id !== null) return;
  if (status === 'resolved' && resolved_at !== null) {
    if (resolved_at <= due) list.count('sla_met', resolved_at);
    else list.count('sla_breached', due);
  } else if (missed?.getTime() === due.getTime()) list.count('sla_breached', due);
}

function addRating(list: ContributionList, { rating }: TicketFacts): void {
  if (!rating) return;
  list.count(rating.rating === 'good' ? 'rated_good' : 'rated_bad', rating.created_at);
  if (rating.score !== null) list.count('score', rating.created_at, rating.score);
}

/** Contributions with those to the same figure of the same day added up. */
class ContributionList {
  private readonly calendar: WorkingCalendar;
  private readonly sums = new Map<string, [Figure, Day, number, number, number | null]>();

  constructor(calendar: WorkingCalendar) {
    this.calendar = calendar;
  }

  count(figure: Figure, at: Date, points = 0): void {
    this.add(figure, at, points, null);
  }

  /** The time that passed, and the working time of it, on the day on which it ended. */
  duration(figure: 'first_response' | 'resolution', from: Date, to: Date): void {
    const passed = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
    const worked = Math.round(workingTimeBetween(this.calendar, from, to) / 1000);
    this.add(figure, to, passed, bucketOf(passed));
    this.add(`${figure}_business`, to, worked, bucketOf(worked));
  }

  all(): Contribution[] {
    return [...this.sums.values()];
  }

  private add(figure: Figure, at: Date, total: number, bucket: number | null): void {
    const day = dayOf(this.calendar, at);
    const key = `${figure} ${day}`;
    const sum = this.sums.get(key);
    if (!sum) return void this.sums.set(key, [figure, day, 1, total, bucket]);
    sum[2] += 1;
    sum[3] += total;
  }
}

/** The day that the zone's clock shows. */
export function dayOf({ zone }: Pick<WorkingCalendar, 'zone'>, at: Date): Day {
  return new Date(at.getTime() + zone.offset(at.getTime())).toISOString().slice(0, 10);
}
