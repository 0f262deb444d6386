import type { Texts } from './texts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago something was, in a few letters. */
export function ago(instant: string, texts: Texts, locale: string, now = Date.now()): string {
  const passed = now - Date.parse(instant);
  const short = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'narrow' });
  if (passed < MINUTE) return texts.now;
  if (passed < HOUR) return short.format(-Math.floor(passed / MINUTE), 'minute');
  if (passed < DAY) return short.format(-Math.floor(passed / HOUR), 'hour');
  if (passed < 2 * DAY) return texts.yesterday;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(instant));
}

export function timeOf(instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(new Date(instant));
}

export function dayOf(instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(
    new Date(instant),
  );
}

/** When the team is back: the time today, else the day with it. */
export function returnOf(instant: string, locale: string, now = new Date()): string {
  const at = new Date(instant);
  const isToday = at.toDateString() === now.toDateString();
  const style = isToday
    ? { timeStyle: 'short' as const }
    : { weekday: 'long' as const, hour: 'numeric' as const, minute: '2-digit' as const };
  return new Intl.DateTimeFormat(locale, style).format(at);
}
