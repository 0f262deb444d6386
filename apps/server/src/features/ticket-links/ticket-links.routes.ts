import { ticketLinks } from '@parley/contract/ticket-links';
import type { Binder } from '#platform/http/binder.ts';
import { pageOfList } from '#platform/http/whole-list.ts';
import { createLink, deleteLink, listLinks } from './ticket-links.change.ts';

export function bindTicketLinkRoutes(binder: Binder): void {
  binder.read(ticketLinks.list, async (context, call) =>
    pageOfList(call, await listLinks(context, call.project, call.params.id)),
  );
  binder.write(ticketLinks.create, (uow, { project, params, body }) =>
    createLink(uow, project, params.id, body),
  );
  binder.write(ticketLinks.delete, async (uow, { project, params }) => {
    await deleteLink(uow, project, params.id, params.link_id);
    return undefined;
  });
}
