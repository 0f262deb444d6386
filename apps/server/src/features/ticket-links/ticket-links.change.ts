import { TICKET_LINKS_MAX, type TicketLink, type TicketLinkCreate } from '@parley/contract/ticket-links';
import {
  type ChangeableTicket,
  findNamedTicket,
  findTicket,
  lockTickets,
  type TicketRow,
} from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { ApiError, invalid, notFound } from '#platform/api-error.ts';
import { holdClaim } from '#platform/claim.ts';
import { isUuid } from '#platform/ids.ts';
import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import * as repo from './ticket-links.repo.ts';
import { type LinkedPair, linkTickets, reportLink } from './ticket-links.service.ts';

export async function listLinks(
  context: ReadContext,
  project: Project,
  idOrNumber: string,
): Promise<TicketLink[]> {
  return repo.findMany(context.tx, await findTicket(context, project, idOrNumber));
}

/** Links two tickets by hand. */
export async function createLink(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  body: TicketLinkCreate,
): Promise<TicketLink> {
  // Both sides of a new parent are looked at under this claim: two at once could close a circle.
  if (body.kind === 'parent' || body.kind === 'child') await holdClaim(uow, `ticket_parents:${project.id}`);
  const { own, other } = await lockPair(uow, project, idOrNumber, String(body.ticket));
  for (const ticket of [own, other]) {
    if ((await repo.count(uow.tx, ticket)) < TICKET_LINKS_MAX) continue;
    throw invalid('ticket', `#${ticket.ticket_number} has ${TICKET_LINKS_MAX} links.`, 'max_length');
  }
  const pair: LinkedPair =
    body.kind === 'child'
      ? { ticket: other, linked: own, kind: 'parent' }
      : { ticket: own, linked: other, kind: body.kind };
  if (pair.kind === 'parent') await checkParent(uow, pair);
  const id = await linkTickets(uow, pair);
  if (id === undefined) throw invalid('ticket', 'The tickets are linked that way already.', 'unique');
  const [link] = await repo.findMany(uow.tx, own, id);
  if (!link) throw new Error('A link that was just made is not there.');
  return link;
}

async function lockPair(uow: Uow, project: Project, ownRef: string, otherRef: string) {
  const { id } = await findTicket(uow, project, ownRef);
  const found = await findNamedTicket(uow, project, otherRef, 'ticket');
  if (found.id === id)
    throw new ApiError('same_ticket', 'A ticket is not linked to itself.', { attr: 'ticket' });
  const locked = await lockTickets(uow, project, [id, found.id]);
  const byId = (wanted: string): ChangeableTicket | undefined =>
    locked.find((ticket) => ticket.id === wanted);
  const [own, other] = [byId(id), byId(found.id)];
  if (!own) throw notFound();
  if (!other) throw invalid('ticket', 'There is no such ticket.', 'does_not_exist');
  return { own, other };
}

async function checkParent(uow: Uow, { ticket, linked }: LinkedPair): Promise<void> {
  if (await repo.hasOtherParent(uow.tx, ticket, linked.id))
    throw new ApiError('conflict', `#${ticket.ticket_number} has a parent already.`);
  if (await repo.isAbove(uow.tx, linked, ticket.id))
    throw new ApiError('conflict', `#${ticket.ticket_number} is above #${linked.ticket_number} already.`);
}

/** Removes a link from either side. */
export async function deleteLink(
  uow: Uow,
  project: Project,
  idOrNumber: string,
  linkId: string,
): Promise<void> {
  const ticket = await findTicket(uow, project, idOrNumber);
  const link = isUuid(linkId) ? await repo.findOne(uow.tx, ticket, linkId) : undefined;
  if (!link) throw notFound();
  if (link.kind === 'merged')
    throw new ApiError('conflict', 'The link of a merge goes when the merge is taken back.');
  const tickets = await lockTickets(uow, project, [link.ticket_id, link.linked_ticket_id], {
    withDeleted: true,
  });
  const byId = (id: string): TicketRow | undefined => tickets.find((row) => row.id === id);
  const [left, right] = [byId(link.ticket_id), byId(link.linked_ticket_id)];
  // Somebody else may have removed it while the tickets were waited for.
  if (!left || !right || !(await repo.remove(uow.tx, project.id, link.id))) throw notFound();
  await reportLink(uow, 'ticket_links.delete', link.id, { ticket: left, linked: right, kind: link.kind });
}
