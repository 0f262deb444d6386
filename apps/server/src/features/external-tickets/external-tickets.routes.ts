import { externalTickets } from '@parley/contract/external-tickets';
import type { Binder } from '#platform/http/binder.ts';
import { showExternally, triggeredBy, updateExternally } from './external-tickets.service.ts';

export function bindExternalTicketRoutes(binder: Binder): void {
  binder.read(externalTickets.retrieve, (context, { project, params, query }) =>
    showExternally(context, project, params.ticket_id, query),
  );
  binder.mixed(externalTickets.update, (unitOfWork, { actor, project, params, body, request }) =>
    unitOfWork.run(triggeredBy(actor, request.headers), (uow) =>
      updateExternally(uow, project, params.ticket_id, body),
    ),
  );
}
