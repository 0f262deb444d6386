import { authorize } from '#platform/authorized.ts';
import { DEFER, type Uow } from '#platform/unit-of-work.ts';
import type { ChangeableTicket } from './tickets.service.ts';
import { fitTraits } from './tickets.traits.service.ts';

/** What a customer's browser says with a message, cleaned. */
export interface CustomerDetails {
  traits: Readonly<Record<string, string | null>>;
  sessionContext: Readonly<Record<string, unknown>>;
  /** Of the site's analytics; undefined leaves it as it is. */
  sessionId: string | undefined;
  /** A proven id that owns the ticket: it is the ticket's from now on. */
  identity: string | undefined;
}

const TRAITS = 50;
const CONTEXT_ENTRIES = 20;

/**
 * Lays over a locked ticket what its customer's browser says now, for the message that is stored next to take along:
 * its statement carries this one, and its version counts for both.
 */
export async function noteCustomer(
  uow: Uow,
  ticket: ChangeableTicket,
  details: CustomerDetails,
): Promise<ChangeableTicket> {
  const traits = mergeTraits(ticket.anonymous_traits, details.traits);
  const context = merge(ticket.session_context, details.sessionContext, CONTEXT_ENTRIES);
  const row = {
    anonymous_traits: traits,
    session_context: context,
    session_id: details.sessionId ?? ticket.session_id,
    distinct_id: details.identity ?? ticket.distinct_id,
  };
  if (details.identity === undefined && isSame(ticket, row)) return ticket;
  await uow.tx
    .updateTable('tickets')
    .set({
      ...row,
      anonymous_traits: JSON.stringify(traits),
      session_context: JSON.stringify(context),
      ...(details.identity === undefined ? {} : { identity_verified: true }),
    })
    .where('project_id', '=', ticket.project_id)
    .where('id', '=', ticket.id)
    .modifyEnd(DEFER)
    .execute();
  const via = ticket.via === undefined ? {} : { via: ticket.via };
  return { ...authorize({ ...ticket, ...row }, 'change', true), ...via };
}

/** What is stored of a customer with what they say now. */
export function mergeTraits(stored: unknown, said: Readonly<Record<string, string | null>>) {
  return fitTraits(merge(stored, said, TRAITS));
}

function isSame(ticket: ChangeableTicket, row: Partial<ChangeableTicket>): boolean {
  const before = Object.keys(row).map((key) => Reflect.get(ticket, key));
  return JSON.stringify(before) === JSON.stringify(Object.values(row));
}

/** What is known stays where nothing is said instead, and new entries come while there is room. */
function merge(
  stored: unknown,
  said: Readonly<Record<string, unknown>>,
  most: number,
): Record<string, unknown> {
  const isObject = typeof stored === 'object' && stored !== null && !Array.isArray(stored);
  const merged = new Map(isObject ? Object.entries(stored) : []);
  for (const [key, value] of Object.entries(said)) {
    if (value === null && merged.has(key)) continue;
    if (merged.has(key) || merged.size < most) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
