import { tickets } from '@parley/contract/tickets';
import { userOf } from '#platform/actor.ts';
import type { Binder } from '#platform/http/binder.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { listActivity } from './tickets.activity.ts';
import { bulkUpdateStatus } from './tickets.bulk-status.ts';
import { bulkUpdateTags } from './tickets.bulk-tags.ts';
import { deleteByPath, restoreByPath } from './tickets.delete.ts';
import { listTickets } from './tickets.list.ts';
import { markTicketRead } from './tickets.read.ts';
import { retrieveTicket } from './tickets.retrieve.ts';
import { readFilters } from './tickets.selection.service.ts';
import { lockTicket } from './tickets.service.ts';
import { showTicket } from './tickets.show.service.ts';
import { countUnread } from './tickets.unread-count.service.ts';
import { updateTicket } from './tickets.update.service.ts';

export function bindTicketRoutes(binder: Binder, shared: SharedState): void {
  binder.read(tickets.list, async (context, call) => {
    const { project, actor, query, url } = call;
    const filters = await readFilters(context, call);
    const request = {
      projectId: project.id,
      access: project.access,
      userId: userOf(actor)?.id,
      filters,
      query,
      url,
    };
    return listTickets(context, request);
  });
  binder.read(tickets.unreadCount, (context, { project }) => countUnread(context, shared, project));
  binder.mixed(tickets.retrieve, (unitOfWork, { actor, project, params, query }) =>
    retrieveTicket(unitOfWork, actor, project, params.id, query.mark_read !== 'false'),
  );
  binder.write(tickets.read, async (uow, { project, params }) => {
    await markTicketRead(uow, project, params.id);
    return showTicket(uow, project, params.id);
  });
  for (const declaration of [tickets.update, tickets.replace]) {
    binder.write(declaration, async (uow, { project, params, body }) => {
      const ticket = await lockTicket(uow, project, params.id);
      await updateTicket(uow, project, ticket, body);
      return showTicket(uow, project, ticket.id);
    });
  }
  binder.write(tickets.delete, async (uow, { project, params }) => {
    await deleteByPath(uow, project, params.id);
    return undefined;
  });
  binder.write(tickets.restore, async (uow, { project, params }) => {
    const id = await restoreByPath(uow, project, params.id);
    return showTicket(uow, project, id);
  });
  binder.write(tickets.bulkUpdateStatus, (uow, { project, body }) =>
    bulkUpdateStatus(uow, project, body.ids, body.status),
  );
  binder.write(tickets.bulkUpdateTags, (uow, { project, body }) => bulkUpdateTags(uow, project, body));
  binder.read(tickets.activity, (context, { project, params, query, url }) =>
    listActivity(context, project, params.id, query, url),
  );
}
