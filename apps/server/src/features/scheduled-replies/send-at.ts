import { invalid } from '#platform/api-error.ts';
import { parseInstant } from '#platform/instant.ts';

const YEAR_MS = 366 * 24 * 3_600_000;

/** An instant to come, at most a year from now. */
export function readSendAt(text: string, now: Date): Date {
  const sendAt = parseInstant(text);
  if (!sendAt)
    throw invalid('send_at', 'Datetime has wrong format. Use ISO 8601, such as 2026-01-31T09:00:00Z.');
  if (sendAt <= now) throw invalid('send_at', 'Must be in the future.');
  if (sendAt.getTime() > now.getTime() + YEAR_MS) throw invalid('send_at', 'Must be within a year from now.');
  return sendAt;
}
