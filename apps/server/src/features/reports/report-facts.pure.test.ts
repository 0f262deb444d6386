import { describe, expect, it } from 'vitest';
import { readCalendar } from '#features/working-hours/calendar-input.service.ts';
import { contributionsOf, dayOf, type TicketFacts } from './report-facts.ts';
import { BUCKETS, bucketOf, DURATION_BOUNDS, percentile } from './report-figures.ts';

const ALWAYS = [{ start: '00:00', end: '24:00' }];
const WEEK = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const week = (windows: { start: string; end: string }[]) =>
  Object.fromEntries(WEEK.map((day) => [day, windows])) as Parameters<typeof readCalendar>[1];
const utc = readCalendar('UTC', week(ALWAYS), []);
const at = (text: string) => new Date(`2026-03-${text}Z`);

const TICKET: TicketFacts = {
  status: 'new',
  created_at: at('02T10:00'),
  resolved_at: null,
  sla_due_at: null,
  sla_breached_for: null,
  merged_into_id: null,
  deleted_at: null,
  messages: [],
  transitions: [],
  rating: undefined,
};
const customer = (time: string) => ({ author_type: 'customer', created_at: at(time) });
const team = (time: string, author_type = 'support') => ({ author_type, created_at: at(time) });
const resolved = (time: string) => ({ after: 'resolved', created_at: at(time) });
const reopened = (time: string) => ({ after: 'open', created_at: at(time) });
const figures = (ticket: Partial<TicketFacts>, calendar = utc) =>
  Object.fromEntries(
    contributionsOf({ ...TICKET, ...ticket }, calendar).map(([figure, day, n, total]) => [
      `${figure} ${day.slice(8)}`,
      total === 0 ? n : [n, total],
    ]),
  );

describe('what a ticket adds to the figures', () => {
  it('is one more created on its day, and nothing once it is deleted', () => {
    expect(figures({})).toEqual({ 'created 02': 1 });
    expect(figures({ deleted_at: at('03T10:00'), messages: [customer('02T10:00')] })).toEqual({});
  });

  it('counts messages per day and side; the AI and workflows are no side', () => {
    const messages = [
      customer('02T10:00'),
      customer('02T11:00'),
      team('03T09:00', 'AI'),
      team('03T10:00', 'workflow'),
    ];
    expect(figures({ messages })).toEqual({ 'created 02': 1, 'customer_messages 02': 2 });
  });

  it('measures the first response from the first message of the customer to the first of the team', () => {
    const messages = [
      customer('02T10:00'),
      customer('02T12:00'),
      team('02T14:00', 'AI'),
      team('03T10:00'),
      team('04T10:00'),
    ];
    expect(figures({ messages })).toMatchObject({
      'first_response 03': [1, 86_400],
      'first_response_business 03': [1, 86_400],
      'replies 03': 1,
      'replies 04': 1,
    });
  });

  it('has no first response where the team wrote first, or nobody has answered', () => {
    expect(
      figures({ messages: [team('02T10:00', 'human'), customer('02T11:00'), team('02T12:00')] }),
    ).not.toHaveProperty('first_response 02');
    expect(figures({ messages: [customer('02T10:00')] })).not.toHaveProperty('first_response 02');
  });

  it('counts working time besides', () => {
    const nine = readCalendar('Europe/Berlin', week([{ start: '09:00', end: '17:00' }]), []);
    // 18:00 in Berlin to 10:00 the next day: an hour of work.
    const messages = [customer('02T17:00'), team('03T09:00')];
    expect(figures({ messages }, nine)).toMatchObject({
      'first_response 03': [1, 16 * 3600],
      'first_response_business 03': [1, 3600],
    });
  });

  it('counts every resolution and reopening, and the time of the last resolution', () => {
    const transitions = [resolved('03T10:00'), reopened('04T10:00'), resolved('05T10:00')];
    expect(figures({ transitions, status: 'resolved', resolved_at: at('05T10:00') })).toEqual({
      'created 02': 1,
      'resolved 03': 1,
      'reopened 04': 1,
      'resolved 05': 1,
      'resolution 05': [1, 3 * 86_400],
      'resolution_business 05': [1, 3 * 86_400],
    });
    expect(figures({ transitions: transitions.slice(0, 2), status: 'open' })).toEqual({
      'created 02': 1,
      'resolved 03': 1,
      'reopened 04': 1,
    });
  });

  it('believes the ticket where its log has gaps', () => {
    expect(figures({ status: 'resolved', resolved_at: at('04T10:00') })).toMatchObject({ 'resolved 04': 1 });
    expect(figures({ status: 'resolved' })).toMatchObject({ 'resolved 02': 1, 'resolution 02': 1 });
    expect(figures({ status: 'open', transitions: [resolved('03T10:00')] })).toEqual({ 'created 02': 1 });
    expect(
      figures({
        transitions: [reopened('03T10:00'), resolved('04T10:00'), resolved('05T10:00')],
        status: 'resolved',
      }),
    ).toMatchObject({ 'resolved 04': 1, 'resolution 04': [1, 2 * 86_400] });
  });

  it('knows a merged ticket as such, whose resolution is none', () => {
    const transitions = [resolved('03T10:00'), reopened('04T10:00'), resolved('05T10:00')];
    const merged = {
      merged_into_id: 'x',
      status: 'resolved',
      resolved_at: at('05T10:00'),
      sla_due_at: at('06T10:00'),
    };
    expect(figures({ ...merged, transitions })).toEqual({
      'created 02': 1,
      'resolved 03': 1,
      'reopened 04': 1,
      'merged 05': 1,
    });
  });

  it('is one-touch with one reply and one resolution', () => {
    const done = { status: 'resolved', resolved_at: at('03T10:00'), transitions: [resolved('03T10:00')] };
    const one = [customer('02T10:00'), team('02T11:00')];
    expect(figures({ ...done, messages: one })).toHaveProperty('one_touch 03', 1);
    // A word of thanks after it changes nothing; a second answer before it does.
    expect(figures({ ...done, messages: [...one, team('04T10:00')] })).toHaveProperty('one_touch 03', 1);
    expect(figures({ ...done, messages: [...one, team('02T12:00')] })).not.toHaveProperty('one_touch 03');
    expect(figures({ ...done, messages: [] })).not.toHaveProperty('one_touch 03');
    const again = [...done.transitions, reopened('03T11:00'), resolved('03T12:00')];
    expect(figures({ ...done, messages: one, transitions: again })).not.toHaveProperty('one_touch 03');
  });

  it('meets a deadline by being resolved before it, and misses it when it passes', () => {
    const due = { sla_due_at: at('05T10:00') };
    const done = (day: string) => ({ ...due, status: 'resolved', resolved_at: at(`${day}T10:00`) });
    expect(figures(done('04'))).toHaveProperty('sla_met 04', 1);
    expect(figures(done('05'))).toHaveProperty('sla_met 05', 1);
    expect(figures(done('06'))).toHaveProperty('sla_breached 05', 1);
    expect(figures(due)).toEqual({ 'created 02': 1 });
    expect(figures({ ...due, sla_breached_for: at('05T10:00') })).toHaveProperty('sla_breached 05', 1);
    expect(figures({ ...due, sla_breached_for: at('04T10:00') })).toEqual({ 'created 02': 1 });
  });

  it('counts a rating and its score', () => {
    const rate = (rating: 'good' | 'bad', score: number | null) => ({
      rating: { rating, score, created_at: at('07T10:00') },
    });
    expect(figures(rate('good', 4))).toEqual({ 'created 02': 1, 'rated_good 07': 1, 'score 07': [1, 4] });
    expect(figures(rate('bad', null))).toEqual({ 'created 02': 1, 'rated_bad 07': 1 });
  });
});

describe('the day of an instant', () => {
  const days: [zone: string, instant: string, day: string][] = [
    ['UTC', '2026-03-02T23:59:59.999Z', '2026-03-02'],
    ['UTC', '2026-03-03T00:00:00.000Z', '2026-03-03'],
    ['Europe/Berlin', '2026-03-01T22:59:59Z', '2026-03-01'],
    ['Europe/Berlin', '2026-03-01T23:00:00Z', '2026-03-02'],
    // The clocks go forward on the 29th: its midnight is at 23:00, the next one at 22:00.
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T21:59:59Z', '2026-03-29'],
    ['Europe/Berlin', '2026-03-29T22:00:00Z', '2026-03-30'],
    // And back on October 25, which has 25 hours.
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25'],
    ['Europe/Berlin', '2026-10-25T22:59:59Z', '2026-10-25'],
    ['Europe/Berlin', '2026-10-25T23:00:00Z', '2026-10-26'],
    ['America/Los_Angeles', '2026-03-09T06:59:59Z', '2026-03-08'],
    ['America/Los_Angeles', '2026-03-09T07:00:00Z', '2026-03-09'],
    ['Asia/Kolkata', '2026-03-02T18:30:00Z', '2026-03-03'],
    ['Pacific/Kiritimati', '2026-03-02T10:00:00Z', '2026-03-03'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29'],
    // Samoa left out December 30.
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31'],
  ];
  it.each(days)('%s, %s is %s', (zone, instant, day) => {
    expect(dayOf(readCalendar(zone, week(ALWAYS), []), new Date(instant))).toBe(day);
  });
});

describe('percentiles', () => {
  const histogram = (...seconds: number[]) => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (const each of seconds) counts[bucketOf(each)] = (counts[bucketOf(each)] ?? 0) + 1;
    return counts;
  };

  it('are within the bucket of the true value', () => {
    const values = Array.from({ length: 1000 }, (_, index) => ((index * 7919) % 1000) * 200);
    const sorted = values.toSorted((a, b) => a - b);
    for (const share of [0.5, 0.9]) {
      const truth = sorted[share * 1000 - 1] ?? 0;
      const found = percentile(histogram(...values), share) ?? 0;
      const start = DURATION_BOUNDS[bucketOf(truth) - 1] ?? 0;
      expect(found).toBeGreaterThanOrEqual(start);
      expect(found).toBeLessThanOrEqual(DURATION_BOUNDS[bucketOf(truth)] ?? Number.POSITIVE_INFINITY);
    }
  });

  it('of nothing are nothing, of the longest the beginning of the last bucket', () => {
    expect(percentile(histogram(), 0.5)).toBeNull();
    expect(percentile(histogram(1e9, 2e9), 0.9)).toBe(90 * 86_400);
    expect(percentile(histogram(30), 0.5)).toBe(30);
    expect(percentile(histogram(30, 1e9), 0.9)).toBe(90 * 86_400);
  });
});
