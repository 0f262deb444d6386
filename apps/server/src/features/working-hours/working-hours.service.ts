import {
  type Holiday,
  WEEKDAYS,
  type WorkingHours,
  type WorkingHoursUpdate,
} from '@parley/contract/working-hours';
import type { Project } from '#platform/actor.ts';
import { formatInstant } from '#platform/instant.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import type { WorkingCalendar } from './calendar.types.ts';
import { readCalendar, type WeeklyWindows } from './calendar-input.service.ts';
import { find, upsert, type WorkingHoursRow } from './working-hours.repo.ts';
import { isOpen, nextOpening } from './working-time.service.ts';

/** The calendar of a project that has set none: always open. */
const NONE = { weekly: weekOf(() => [{ start: '00:00', end: '24:00' }]), holidays: [] as Holiday[] };

function weekOf(windowsOf: (day: (typeof WEEKDAYS)[number]) => WeeklyWindows['monday']): WeeklyWindows {
  const entries = WEEKDAYS.map((day) => [day, windowsOf(day)] as const);
  // Object.fromEntries forgets the names.
  return Object.fromEntries(entries) as WeeklyWindows;
}

/** When a project works, in its time zone (decisions.md 24). */
export async function findCalendar(
  context: ReadContext,
  project: Pick<Project, 'id' | 'timezone'>,
): Promise<WorkingCalendar> {
  const { weekly, holidays } = (await find(context.tx, project.id)) ?? NONE;
  return readCalendar(project.timezone, weekly, holidays);
}

export async function retrieveWorkingHours(context: ReadContext, project: Project): Promise<WorkingHours> {
  return present(project, await find(context.tx, project.id), context.now);
}

/** Replaces all working hours and holidays. Deadlines that are set already stay. */
export async function updateWorkingHours(
  uow: Uow,
  project: Project,
  body: WorkingHoursUpdate,
): Promise<WorkingHours> {
  readCalendar(project.timezone, body.weekly, body.holidays);
  const weekly = weekOf((day) => [...(body.weekly[day] ?? [])].sort((a, b) => (a.start < b.start ? -1 : 1)));
  const holidays = (body.holidays ?? []).map(({ name, date, yearly = false, start = null, end = null }) => ({
    name: name.trim(),
    date,
    yearly,
    start,
    end,
  }));
  const calendar = { weekly: JSON.stringify(pick(weekly)), holidays: JSON.stringify(holidays) };
  const row = await upsert(uow.tx, project.id, calendar, uow.now);
  uow.emit({
    name: 'working_hours.update',
    projectId: project.id,
    resourceId: String(project.id),
    resourceVersion: row.version,
  });
  return present(project, row, uow.now);
}

/** Windows without the fields a client may have added. */
function pick(weekly: WeeklyWindows): WeeklyWindows {
  return weekOf((day) => weekly[day].map(({ start, end }) => ({ start, end })));
}

function present(project: Project, row: WorkingHoursRow | undefined, now: Date): WorkingHours {
  const { weekly, holidays } = row ?? NONE;
  const calendar = readCalendar(project.timezone, weekly, holidays);
  const opening = nextOpening(calendar, now);
  return {
    timezone: project.timezone,
    weekly,
    holidays: holidays.map(({ yearly = false, start = null, end = null, ...rest }) => ({
      ...rest,
      yearly,
      start,
      end,
    })),
    is_open: isOpen(calendar, now),
    next_opening_at: opening ? formatInstant(opening) : null,
    version: row?.version ?? 0,
    updated_at: row ? formatInstant(row.updated_at) : null,
  };
}
