/** A page of a list; lists that are not counted leave the count out. */
interface AnyPage<T> {
  results: T[];
  next: string | null;
}

/**
 * Every item of a list, page after page:
 * `for await (const ticket of paginate(client.tickets.list, { query: { status: 'open' } }))`.
 * Goes by cursor where the list has cursors, so rows that come in meanwhile shift nothing; an `offset` or `cursor` of
 * the caller is kept. Only the query of a `next` link is used: credentials never follow it to another server.
 */
export async function* paginate<T, O extends { query?: object }>(
  list: (options: O) => Promise<AnyPage<T>>,
  ...[options]: Record<never, never> extends O ? [options?: O] : [options: O]
): AsyncGenerator<T, void, undefined> {
  // Without options there is nothing that the list requires.
  const given = options ?? ({} as O);
  const asked: { offset?: unknown; cursor?: unknown } = { ...given.query };
  const byCursor = asked.offset === undefined && asked.cursor === undefined;
  let query: object = byCursor ? { ...asked, cursor: '' } : asked;
  for (;;) {
    const page = await list({ ...given, query });
    yield* page.results;
    if (page.next === null) return;
    // A page that is delivered by the server itself may get links without an origin.
    query = Object.fromEntries(new URL(page.next, 'http://localhost').searchParams);
  }
}
