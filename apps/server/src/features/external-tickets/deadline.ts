import type { ExternalTicketUpdate } from '@parley/contract/external-tickets';
import { WEEKDAYS } from '@parley/contract/working-hours';
import type { WorkingCalendar } from '#features/working-hours/calendar.types.ts';
import { checkZone, readCalendar } from '#features/working-hours/calendar-input.service.ts';
import { findCalendar } from '#features/working-hours/working-hours.service.ts';
import { addWorkingTime } from '#features/working-hours/working-time.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

const FIELD = 'sla_business_hours';
/** About five years in each unit (inbox.md 9). */
const MAX_AMOUNT = { minute: 5 * 366 * 1440, hour: 5 * 366 * 24, day: 5 * 366 };
const ALWAYS = Object.fromEntries(WEEKDAYS.map((day) => [day, [{ start: '00:00', end: '24:00' }]]));

/** The deadline that `sla_amount` means, or undefined when none is sent. Throws for the field that is wrong. */
export async function readDeadline(
  context: ReadContext,
  project: Project,
  body: ExternalTicketUpdate,
): Promise<Date | undefined> {
  const { sla_amount: amount, sla_unit: unit = 'hour', sla_business_hours: hours = null } = body;
  const calendar = await readHours(context, project, hours);
  if (amount === undefined) return undefined;
  if (body.sla_due_at !== undefined)
    throw invalid('sla_amount', 'A deadline is set by sla_due_at or by sla_amount, not by both.');
  if (amount <= 0) throw invalid('sla_amount', 'Ensure this value is greater than 0.', 'min_value');
  const max = MAX_AMOUNT[unit];
  if (amount > max)
    throw invalid('sla_amount', `Ensure this value is less than or equal to ${max}.`, 'max_value');
  return addWorkingTime(calendar, context.now, amount, unit, 'sla_amount');
}

async function readHours(context: ReadContext, project: Project, value: unknown): Promise<WorkingCalendar> {
  if (value === null) return readCalendar(project.timezone, ALWAYS);
  if (value === 'project') return findCalendar(context, project);
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(FIELD, 'Must be an object with days and time, or "project".');
  const { days, time, timezone }: { days?: unknown; time?: unknown; timezone?: unknown } = value;
  const [start, end] = readTimes(time);
  const windows = readDays(days).map((day) => [day, [{ start, end }]] as const);
  const zone = timezone === undefined ? project.timezone : checkZone(timezone, `${FIELD}__timezone`);
  try {
    return readCalendar(zone, Object.fromEntries(windows));
  } catch {
    throw invalid(`${FIELD}__time`, 'Must be "any", or two times such as ["09:00", "17:00"], in this order.');
  }
}

function readDays(days: unknown): (typeof WEEKDAYS)[number][] {
  const attr = `${FIELD}__days`;
  if (!Array.isArray(days)) throw invalid(attr, 'Must be a list of weekdays.');
  if (days.length === 0) throw invalid(attr, 'This list may not be empty.', 'empty');
  return days.map((name: unknown) => {
    const day = WEEKDAYS.find((weekday) => weekday === name);
    if (!day) throw invalid(attr, `The weekdays are ${WEEKDAYS.join(', ')}.`, 'invalid_choice');
    return day;
  });
}

function readTimes(time: unknown): [string, string] {
  if (time === 'any') return ['00:00', '24:00'];
  const [start, end, ...more]: unknown[] = Array.isArray(time) ? time : [];
  if (typeof start === 'string' && typeof end === 'string' && more.length === 0) return [start, end];
  throw invalid(`${FIELD}__time`, 'Must be "any", or two times such as ["09:00", "17:00"].');
}
