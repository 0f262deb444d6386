import { unreadMarks } from '@parley/contract/unread-marks';
import { showTicket } from '#features/tickets/tickets.show.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { countPersonalUnread } from './unread-marks.count.ts';
import { markTicketUnread } from './unread-marks.mark.ts';

export function bindUnreadMarkRoutes(binder: Binder): void {
  binder.read(unreadMarks.count, (context, { project }) => countPersonalUnread(context, project));
  binder.write(unreadMarks.markUnread, async (uow, { project, params, body }) => {
    await markTicketUnread(uow, project, params.id, body.team === true);
    return showTicket(uow, project, params.id);
  });
}
