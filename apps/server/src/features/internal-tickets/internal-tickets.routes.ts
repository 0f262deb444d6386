import { internalTickets } from '@parley/contract/internal-tickets';
import {
  showExternally,
  triggeredBy,
  updateExternally,
} from '#features/external-tickets/external-tickets.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { captureEmail } from './internal-tickets.capture-email.ts';
import { postServiceMessage, requireTokenFor } from './internal-tickets.service.ts';

export function bindInternalTicketRoutes(binder: Binder): void {
  binder.read(internalTickets.retrieve, async (context, { actor, project, params, query }) => {
    requireTokenFor(actor, project, params.id);
    return showExternally(context, project, params.id, query);
  });
  binder.mixed(internalTickets.update, async (unitOfWork, { actor, project, params, body, request }) => {
    requireTokenFor(actor, project, params.id);
    return unitOfWork.run(triggeredBy(actor, request.headers), (uow) =>
      updateExternally(uow, project, params.id, body),
    );
  });
  binder.mixed(internalTickets.postMessage, async (unitOfWork, { actor, project, params, body, request }) => {
    requireTokenFor(actor, project, params.id);
    return unitOfWork.run(triggeredBy(actor, request.headers), (uow) =>
      postServiceMessage(uow, project, params.id, body),
    );
  });
  binder.mixed(internalTickets.captureEmail, async (unitOfWork, { actor, project, body, request }) =>
    unitOfWork.run(triggeredBy(actor, request.headers), (uow) => captureEmail(uow, project, body)),
  );
}
