import { pageEvents } from '@parley/contract/page-events';
import type { Binder } from '#platform/http/binder.ts';
import { pageLinks, rawPage, readPage } from '#platform/http/page.ts';
import { listPageEvents } from './page-events.service.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export function bindPageEventRoutes(binder: Binder): void {
  binder.read(pageEvents.list, async (context, { project, params, query, url }) => {
    const page = readPage(query, DEFAULT_LIMIT, MAX_LIMIT);
    const { count, json } = await listPageEvents(context, project, params.id, page);
    return rawPage({ count, ...pageLinks(url, page, count) }, json);
  });
}
