import { PRESENCE_TICKETS_MAX, presence } from '@parley/contract/presence';
import { findTicket } from '#features/tickets/tickets.service.ts';
import { requireUser } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { Binder } from '#platform/http/binder.ts';
import { isUuid } from '#platform/ids.ts';
import { type PresenceService, toChange, userActor } from './presence.service.ts';

/** None of them writes to the database: presence is not stored. */
export function bindPresenceRoutes(binder: Binder, service: PresenceService): void {
  binder.read(presence.update, async (context, { project, params, body, actor }) => {
    const { id: ticketId } = await findTicket(context, project, params.id);
    const place = { projectId: project.id, ticketId, actor: userActor(requireUser(actor)) };
    service.update(toChange(place, body));
    return { results: service.list(project.id, [ticketId]) };
  });
  binder.read(presence.list, async (context, { project, params }) => {
    const { id } = await findTicket(context, project, params.id);
    return { results: service.list(project.id, [id]) };
  });
  binder.read(presence.listMany, async (_context, { project, query }) => ({
    results: service.list(project.id, readTickets(query.tickets)),
  }));
}

function readTickets(text: string | undefined): string[] {
  if (!text) throw invalid('tickets', 'This field is required.', 'required');
  const ids = [...new Set(text.split(',').map((id) => id.trim().toLowerCase()))];
  if (ids.length > PRESENCE_TICKETS_MAX)
    throw invalid('tickets', `At most ${PRESENCE_TICKETS_MAX} tickets at a time.`, 'max_length');
  if (!ids.every(isUuid)) throw invalid('tickets', 'Must be uuids of tickets.');
  return ids;
}
