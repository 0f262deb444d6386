import type { ErrorBody } from '@parley/contract/errors';
import type { ScheduledReply } from '@parley/contract/scheduled-reply';
import { SYSTEM, ticketPath } from '../../testing/fixtures.ts';
import type { TestApp, TestResponse } from '../../testing/test-app.ts';
import { sendDueReplies, watchScheduledReplies } from './scheduled-replies.sweep.service.ts';

export const SCHEDULED = '/api/projects/1/conversations/scheduled_replies/';

/** What the scheduler does by itself. */
export const sweep = (app: TestApp): Promise<boolean> =>
  sendDueReplies((work, actor = SYSTEM) => app.parley.unitOfWork.run(actor, work));
export const watch = (app: TestApp): Promise<number> =>
  app.parley.unitOfWork.run(SYSTEM, watchScheduledReplies);

export const schedule = (
  app: TestApp,
  ticket: { id: string },
  body: object = {},
  key?: string,
): Promise<TestResponse<ScheduledReply & ErrorBody>> =>
  app.request('POST', ticketPath(ticket.id, 'reply/'), {
    body: { message: 'Later', undo_seconds: 10, ...body },
    ...(key ? { key } : {}),
  });
