import Type, { type Static } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, NonBlank, Nullable } from './schemas.ts';

const WORKING_HOURS_PATH = '/api/projects/:project_id/conversations/working_hours/';

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const TIME = 'A time of the day such as 09:00.';
const startTime = Type.String({ maxLength: 5, description: TIME });
const endTime = Type.String({ maxLength: 5, description: `${TIME} 24:00 is the end of the day.` });

/** From `start` to before `end`, on the clock of the project's time zone; never over midnight. */
export const WorkingWindow = Type.Object({ start: startTime, end: endTime }, { title: 'WorkingWindow' });
export type WorkingWindow = Static<typeof WorkingWindow>;

export const Holiday = Type.Object(
  {
    name: NonBlank(200),
    date: Type.String({ maxLength: 10, description: 'A day such as 2026-12-25.' }),
    yearly: Type.Optional(Type.Boolean({ description: 'Every year on this day. Default false.' })),
    start: Type.Optional(Nullable(startTime)),
    end: Type.Optional(Nullable(endTime)),
  },
  {
    title: 'Holiday',
    description: 'Closed all day, or from `start` to `end` when both are given.',
  },
);
export type Holiday = Static<typeof Holiday>;

const windows = Type.Optional(Type.Array(WorkingWindow, { maxItems: 10 }));
const Weekly = Type.Object(
  {
    monday: windows,
    tuesday: windows,
    wednesday: windows,
    thursday: windows,
    friday: windows,
    saturday: windows,
    sunday: windows,
  },
  { title: 'WeeklyWindows', description: 'A day that is left out is closed.' },
);

export const WorkingHoursUpdate = Type.Object(
  { weekly: Weekly, holidays: Type.Optional(Type.Array(Holiday, { maxItems: 500 })) },
  { title: 'WorkingHoursUpdate' },
);
export type WorkingHoursUpdate = Static<typeof WorkingHoursUpdate>;

const dayWindows = Type.Array(WorkingWindow);

export const WorkingHours = Type.Object(
  {
    timezone: Type.String({ description: "The project's." }),
    weekly: Type.Object({
      monday: dayWindows,
      tuesday: dayWindows,
      wednesday: dayWindows,
      thursday: dayWindows,
      friday: dayWindows,
      saturday: dayWindows,
      sunday: dayWindows,
    }),
    holidays: Type.Array(
      Type.Object({
        name: Type.String(),
        date: Type.String(),
        yearly: Type.Boolean(),
        start: Nullable(Type.String()),
        end: Nullable(Type.String()),
      }),
    ),
    is_open: Type.Boolean({ description: 'Whether it is working time now.' }),
    next_opening_at: Nullable(Instant),
    version: Type.Integer({ description: '+1 on every change; 0 as long as nothing was set.' }),
    updated_at: Nullable(Instant),
  },
  { title: 'WorkingHours' },
);
export type WorkingHours = Static<typeof WorkingHours>;

export const workingHours = {
  retrieve: defineRoute({
    id: 'working_hours.retrieve',
    method: 'GET',
    path: WORKING_HOURS_PATH,
    summary: 'Get the working hours and holidays of a project',
    description: 'A project that has set none is always open.',
    credentials: ['ticket:read'],
    project: 'viewer',
    responses: { 200: WorkingHours },
  }),
  update: defineRoute({
    id: 'working_hours.update',
    method: 'PUT',
    path: WORKING_HOURS_PATH,
    summary: 'Set the working hours and holidays of a project, replacing all that were there',
    credentials: 'trusted',
    project: 'manager',
    body: WorkingHoursUpdate,
    responses: { 200: WorkingHours },
  }),
};
