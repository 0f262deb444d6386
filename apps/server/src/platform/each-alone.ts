/**
 * Does each by itself: one that fails holds up no other, and is told of at the end. `what` says how many failed. Answers
 * what came of each, in order, when none failed.
 */
export async function eachAlone<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  what: (failed: number) => string,
): Promise<R[]> {
  const results: R[] = [];
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      results.push(await work(item));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, what(errors.length));
  return results;
}
