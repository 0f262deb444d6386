import { scheduledReplies } from '@parley/contract/scheduled-replies';
import type { Binder } from '#platform/http/binder.ts';
import { Answer } from '#platform/http/call.ts';
import {
  deleteScheduledReply,
  sendScheduledReplyNow,
  updateScheduledReply,
} from './scheduled-replies.change.ts';
import { listScheduledReplies, showScheduledReply } from './scheduled-replies.service.ts';

export function bindScheduledReplyRoutes(binder: Binder): void {
  binder.read(scheduledReplies.list, (context, { project, query, url }) =>
    listScheduledReplies(context, project, query, url),
  );
  binder.read(scheduledReplies.retrieve, (context, { project, params }) =>
    showScheduledReply(context, project, params.scheduled_reply_id),
  );
  binder.write(scheduledReplies.update, (uow, { project, params, body }) =>
    updateScheduledReply(uow, project, params.scheduled_reply_id, body),
  );
  binder.write(scheduledReplies.delete, async (uow, { project, params }) => {
    await deleteScheduledReply(uow, project, params.scheduled_reply_id);
    return undefined;
  });
  binder.write(scheduledReplies.sendNow, async (uow, { project, params, body }) => {
    return new Answer(201, await sendScheduledReplyNow(uow, project, params.scheduled_reply_id, body));
  });
}
