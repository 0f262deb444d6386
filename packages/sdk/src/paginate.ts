import type { PageOf } from '@parley/contract/schemas';

/**
 * Every item of a list, page after page:
 * `for await (const ticket of paginate(client.tickets.list, { query: { status: 'open' } }))`.
 * Only the query of a `next` link is used, so credentials never follow it to another server.
 */
export async function* paginate<T, O extends { query?: object }>(
  list: (options: O) => Promise<PageOf<T>>,
  options: O,
): AsyncGenerator<T, void, undefined> {
  let page = await list(options);
  for (;;) {
    yield* page.results;
    if (page.next === null) return;
    const query = Object.fromEntries(new URL(page.next).searchParams);
    page = await list({ ...options, query });
  }
}
