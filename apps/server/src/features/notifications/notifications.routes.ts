import { notifications } from '@parley/contract/notifications';
import type { Binder } from '#platform/http/binder.ts';
import { countUnread, listNotifications } from './notifications.list.ts';
import { markRead, markUnread } from './notifications.mark.ts';

export function bindNotificationRoutes(binder: Binder): void {
  binder.read(notifications.list, (context, call) => listNotifications(context, call.project, call));
  binder.read(notifications.unreadCount, (context, { project }) => countUnread(context, project));
  binder.write(notifications.markRead, (uow, { project, body }) => markRead(uow, project, body));
  binder.write(notifications.markUnread, (uow, { project, body }) => markUnread(uow, project, body.ids));
}
