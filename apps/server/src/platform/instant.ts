const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * An ISO 8601 date or datetime as an instant; without an offset it is UTC. Undefined when it is not one, or names a
 * day that does not exist. Years 1 to 9999.
 */
export function parseInstant(text: string): Date | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const date = new Date(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis}${offset.toUpperCase()}`,
  );
  const startOfDay = new Date(`${year}-${month}-${day}T00:00:00.000Z`);
  const exists = startOfDay.getUTCDate() === Number(day) && startOfDay.getUTCMonth() + 1 === Number(month);
  const inRange = date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999;
  return exists && inRange ? date : undefined;
}

/** For values a schema with format `instant` let through. */
export function toInstant(text: string): Date {
  const instant = parseInstant(text);
  if (!instant) throw new Error('A value passed as an instant that is none.');
  return instant;
}

/** The one form of an instant on every surface (decisions.md 13). */
export function formatInstant(date: Date): string {
  return date.toISOString();
}
