import Type, { type Static, type TSchema } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Nullable, StringEnum } from './schemas.ts';

const REPORTS_PATH = '/api/projects/:project_id/conversations/reports/';

/** Most days of one question. */
export const REPORT_DAYS_MAX = 400;
/** Most groups of one answer: the largest. */
export const REPORT_GROUPS_MAX = 100;

export const REPORT_INTERVALS = ['day', 'week', 'month'] as const;
export type ReportInterval = (typeof REPORT_INTERVALS)[number];
export const REPORT_GROUPINGS = ['none', 'channel', 'assignee', 'tag'] as const;
export type ReportGrouping = (typeof REPORT_GROUPINGS)[number];
export const REPORT_NAMES = ['volume', 'first_response', 'resolution', 'backlog', 'satisfaction'] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

const count = (description?: string) => Type.Integer(description === undefined ? {} : { description });
const seconds = (description: string) => Nullable(Type.Integer({ description: `Seconds: ${description}` }));

export const VolumeFigures = Type.Object(
  {
    created: count('Tickets that came in.'),
    resolved: count('Times that a ticket was resolved.'),
    reopened: count('Times that a resolved ticket was opened again.'),
    merged: count('Tickets that were merged into others; they are not among the resolved.'),
    customer_messages: count(),
    replies: count('Public messages of the team; without the AI.'),
  },
  { title: 'VolumeFigures' },
);
export type VolumeFigures = Static<typeof VolumeFigures>;

const durations = {
  count: count(),
  average: seconds('the mean.'),
  p50: seconds('half were not longer, about.'),
  p90: seconds('nine of ten were not longer, about.'),
  business_average: seconds('the mean of the working time in it.'),
  business_p50: seconds('in working time.'),
  business_p90: seconds('in working time.'),
};
export const FirstResponseFigures = Type.Object(durations, { title: 'FirstResponseFigures' });
export type FirstResponseFigures = Static<typeof FirstResponseFigures>;

export const ResolutionFigures = Type.Object(
  {
    ...durations,
    one_touch: count('Resolved with one reply.'),
    sla_met: count('Resolved before their deadline.'),
    sla_breached: count('Deadlines that passed.'),
  },
  { title: 'ResolutionFigures' },
);
export type ResolutionFigures = Static<typeof ResolutionFigures>;

export const BacklogFigures = Type.Object(
  { open: count('Tickets that were not resolved when the period ended.') },
  { title: 'BacklogFigures' },
);
export type BacklogFigures = Static<typeof BacklogFigures>;

export const SatisfactionFigures = Type.Object(
  {
    rated: count(),
    good: count(),
    bad: count(),
    good_share: Nullable(Type.Number({ description: '0 to 1.' })),
    score_average: Nullable(Type.Number({ description: '1 to 5.' })),
  },
  { title: 'SatisfactionFigures' },
);
export type SatisfactionFigures = Static<typeof SatisfactionFigures>;

const Day = Type.String({ format: 'date', description: "A day of the project's time zone." });
const frame = {
  date_from: Day,
  date_to: Day,
  timezone: Type.String(),
  as_of: Nullable(Instant),
  is_rebuilding: Type.Boolean({
    description: 'Figures are being worked out anew, as after a change of the time zone: some may be off.',
  }),
};

/** A report of some figures: in total, for the as many days before, and per group and interval. */
function ReportOf<T extends TSchema>(figures: T, title: string) {
  const sums = { totals: figures, previous: figures };
  const Point = Type.Object({
    date: Type.String({
      format: 'date',
      description: 'The first day of the interval; weeks begin on Mondays.',
    }),
    figures,
  });
  const Group = Type.Object({
    key: Nullable(
      Type.String({ description: 'A channel, a tag, `user:3`, `role:<uuid>` or `unassigned`; null: all.' }),
    ),
    label: Nullable(Type.String()),
    ...sums,
    points: Type.Array(Point),
  });
  return Type.Object(
    {
      ...frame,
      interval: StringEnum(REPORT_INTERVALS),
      group_by: StringEnum(REPORT_GROUPINGS),
      ...sums,
      groups: Type.Array(Group),
      groups_left_out: Type.Integer({ description: `Beyond the ${REPORT_GROUPS_MAX} largest.` }),
    },
    { title },
  );
}

const pair = <T extends TSchema>(figures: T) => Type.Object({ totals: figures, previous: figures });
export const ReportOverview = Type.Object(
  {
    ...frame,
    volume: pair(VolumeFigures),
    first_response: pair(FirstResponseFigures),
    resolution: pair(ResolutionFigures),
    backlog: pair(BacklogFigures),
    satisfaction: pair(SatisfactionFigures),
  },
  { title: 'ReportOverview' },
);
export type ReportOverview = Static<typeof ReportOverview>;

const text = (description: string) => Type.Optional(Type.String({ description }));
const narrowing = {
  date_from: text('First day: a date, or relative such as `-7d`. Default: 30 days.'),
  date_to: text('Last day, itself included. Default: today.'),
  channel: text('Channels, separated by commas.'),
  assignee: text(
    '`user:3`, `role:<uuid>`, `me` or `unassigned`, separated by commas: who has the tickets now.',
  ),
  tag: text('A tag that the tickets have now.'),
};
const grouping = {
  interval: Type.Optional(StringEnum(REPORT_INTERVALS, { description: 'Default day.' })),
  group_by: Type.Optional(StringEnum(REPORT_GROUPINGS, { description: 'Default none.' })),
};
const format = Type.Optional(StringEnum(['json', 'csv'], { description: 'csv: a table. Default json.' }));

export const ReportQuery = Type.Object({ ...narrowing, ...grouping, format });
export type ReportQuery = Static<typeof ReportQuery>;

const common = {
  method: 'GET',
  credentials: ['ticket:read'],
  project: 'viewer',
  formats: ['text/csv'],
} as const;
const LIMITS = `At most ${REPORT_DAYS_MAX} days. Figures of the past follow their tickets: they count for the assignee and under the tags of now, and deleted tickets do not count.`;

export const reports = {
  overview: defineRoute({
    id: 'reports.overview',
    path: `${REPORTS_PATH}overview/`,
    summary: 'See all figures in total, beside those of the time before',
    description: LIMITS,
    ...common,
    query: Type.Object({ ...narrowing, format }),
    responses: { 200: ReportOverview },
  }),
  volume: defineRoute({
    id: 'reports.volume',
    path: `${REPORTS_PATH}volume/`,
    summary: 'Count tickets and messages per day, week or month',
    description: LIMITS,
    ...common,
    query: ReportQuery,
    responses: { 200: ReportOf(VolumeFigures, 'VolumeReport') },
  }),
  firstResponse: defineRoute({
    id: 'reports.first_response',
    path: `${REPORTS_PATH}first_response/`,
    summary: 'See how long customers waited for the first answer',
    description: `From the customer's first message to the first public one of a person in the team, on the day of the answer. ${LIMITS}`,
    ...common,
    query: ReportQuery,
    responses: { 200: ReportOf(FirstResponseFigures, 'FirstResponseReport') },
  }),
  resolution: defineRoute({
    id: 'reports.resolution',
    path: `${REPORTS_PATH}resolution/`,
    summary: 'See how long tickets took until they were resolved',
    description: `From the beginning of a ticket until it was resolved for the last time, on that day; not while it is open again. ${LIMITS}`,
    ...common,
    query: ReportQuery,
    responses: { 200: ReportOf(ResolutionFigures, 'ResolutionReport') },
  }),
  backlog: defineRoute({
    id: 'reports.backlog',
    path: `${REPORTS_PATH}backlog/`,
    summary: 'Count the tickets that were open at the end of each day, week or month',
    description: LIMITS,
    ...common,
    query: ReportQuery,
    responses: { 200: ReportOf(BacklogFigures, 'BacklogReport') },
  }),
  satisfaction: defineRoute({
    id: 'reports.satisfaction',
    path: `${REPORTS_PATH}satisfaction/`,
    summary: 'See how customers rated what was done for them',
    description: LIMITS,
    ...common,
    query: ReportQuery,
    responses: { 200: ReportOf(SatisfactionFigures, 'SatisfactionReport') },
  }),
  export: defineRoute({
    id: 'reports.export',
    method: 'GET',
    path: `${REPORTS_PATH}export/`,
    summary: 'Download a report as a table',
    description: `What the report itself answers with format=csv. ${LIMITS}`,
    credentials: ['ticket:read'],
    project: 'viewer',
    query: Type.Object({
      report: Type.Optional(StringEnum([...REPORT_NAMES, 'overview'], { description: 'Default volume.' })),
      ...narrowing,
      ...grouping,
    }),
    produces: ['text/csv'],
    responses: { 200: Type.String() },
  }),
};
