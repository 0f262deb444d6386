import { ANONYMOUS_TRAITS_MAX } from '@parley/contract/tickets';
import { invalid } from '#platform/api-error.ts';

/**
 * What is known of a customer without a person, as it is stored. Bounded, because its words are searched and it is part
 * of every list that shows the ticket.
 */
export function serializeTraits(traits: unknown): string {
  const json = JSON.stringify(traits);
  if (json.length <= ANONYMOUS_TRAITS_MAX) return json;
  throw invalid(
    'anonymous_traits',
    `Ensure this field has no more than ${ANONYMOUS_TRAITS_MAX} characters.`,
    'max_length',
  );
}

/** As many of them as a ticket holds: for those that may not make anybody's message fail. */
export function fitTraits(traits: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(traits);
  while (JSON.stringify(Object.fromEntries(entries)).length > ANONYMOUS_TRAITS_MAX) entries.pop();
  return Object.fromEntries(entries);
}
