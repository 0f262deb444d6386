import type { AiFeedback } from '@parley/contract/message-extras';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { lockTicket } from '#features/tickets/tickets.service.ts';
import { type Project, requireUser } from '#platform/actor.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** Keeps what a reviewer thinks of something the AI wrote, and reports it in exactly one event (tickets-api.md 2.15). */
export async function giveAiFeedback(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  { message_id, rating, feedback_text = '' }: AiFeedback,
): Promise<void> {
  const ticket = await lockTicket(uow, project, idOrNumber);
  const text = feedback_text.trim();
  const feedback = { rating, feedback_text: text, created_at: uow.now };
  await uow.tx
    .insertInto('ai_feedback')
    .values({
      project_id: project.id,
      id: newId(),
      ticket_id: ticket.id,
      message_id,
      user_id: requireUser(uow.actor).id,
      ...feedback,
    })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'ticket_id', 'message_id', 'user_id']).doUpdateSet(feedback),
    )
    .execute();
  const about = { message_id, rating };
  uow.emit(
    rating === 'bad' && text !== ''
      ? ticketEvent('tickets.ai_feedback', ticket, { ...about, feedback_text: text })
      : ticketEvent('tickets.ai_metric', ticket, {
          ...about,
          metric_name: 'reviewer_quality',
          metric_value: rating === 'good' ? 1 : 0,
        }),
  );
}
