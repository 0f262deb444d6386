import { search } from '@parley/contract/search';
import type { Binder } from '#platform/http/binder.ts';
import { searchTickets } from './search.service.ts';

export function bindSearchRoutes(binder: Binder): void {
  binder.read(search.tickets, (context, { project, query, url }) =>
    searchTickets(context, project, { query, url }),
  );
}
