import type { MergeBody } from '@parley/contract/ticket-merge';
import {
  type ChangeableTicket,
  findNamedTicket,
  findTicket,
  lockTickets,
} from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import { invalid, notFound } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { holdMerges } from './thread-head.service.ts';
import { mergeTickets } from './tickets.merge.service.ts';

/** `tickets.merge`: both tickets are locked in the order of their ids, while nobody else merges in the project. */
export async function mergeByPath(
  uow: Uow,
  project: Project,
  sourceRef: string,
  { target: targetRef, ...options }: MergeBody,
): Promise<ChangeableTicket> {
  const { id } = await findTicket(uow, project, sourceRef);
  const found = await findNamedTicket(uow, project, String(targetRef), 'target');
  await holdMerges(uow, project);
  const tickets = await lockTickets(uow, project, [id, found.id]);
  const source = tickets.find((ticket) => ticket.id === id);
  const target = tickets.find((ticket) => ticket.id === found.id);
  if (!source) throw notFound();
  if (!target) throw invalid('target', 'There is no such ticket.', 'does_not_exist');
  return (await mergeTickets(uow, project, { source, target }, options)).source;
}
