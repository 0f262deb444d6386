import { ticketEvent } from '#features/tickets/tickets.events.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Uow } from '#platform/unit-of-work.ts';

export interface Satisfaction {
  rating: 'good' | 'bad';
  /** 1 to 5, where the customer was asked for one. */
  score?: number | undefined;
  comment?: string | undefined;
}

/** Keeps how a customer rated a locked ticket; a second rating takes the place of the first (inbox.md 17.1). */
export async function recordSatisfaction(
  uow: Uow,
  ticket: TicketRow,
  { rating, score, comment }: Satisfaction,
): Promise<void> {
  const values = { rating, score: score ?? null, comment: comment ?? null, created_at: uow.now };
  await uow.tx
    .insertInto('satisfaction_ratings')
    .values({ project_id: ticket.project_id, ticket_id: ticket.id, ...values })
    .onConflict((conflict) => conflict.columns(['project_id', 'ticket_id']).doUpdateSet(values))
    .execute();
  uow.emit(ticketEvent('tickets.rate', ticket, { rating, score: score ?? null }));
}
