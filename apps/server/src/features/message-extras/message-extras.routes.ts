import { messageExtras } from '@parley/contract/message-extras';
import type { Binder } from '#platform/http/binder.ts';
import { showFullEmail } from './messages.full-email.ts';
import { giveAiFeedback } from './tickets.ai-feedback.ts';

export function bindMessageExtraRoutes(binder: Binder): void {
  binder.read(messageExtras.fullEmail, (context, { project, params }) =>
    showFullEmail(context, project, params.id, params.message_id),
  );
  binder.write(messageExtras.aiFeedback, async (uow, { project, params, body }) => {
    await giveAiFeedback(uow, project, params.id, body);
    return undefined;
  });
}
