import { invalid } from '#platform/api-error.ts';

/** A number in a query, within its bounds; 400 for anything else. */
export function readCount(
  name: string,
  text: string | undefined,
  { min, max, fallback }: { min: number; max: number; fallback: number },
): number {
  if (text === undefined || text === '') return fallback;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw invalid(name, 'A valid integer is required.');
  const value = Number(text);
  if (value < min) throw invalid(name, `Ensure this value is greater than or equal to ${min}.`, 'min_value');
  if (value > max) throw invalid(name, `Ensure this value is less than or equal to ${max}.`, 'max_value');
  return value;
}
