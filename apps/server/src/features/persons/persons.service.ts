import { PERSON_PROPERTIES_MAX, type PersonUpsert } from '@parley/contract/persons';
import { ApiError, invalid } from '#platform/api-error.ts';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { attempt, holdOwners } from './persons.attempts.ts';
import { attach, confirmIds, insert, mergeProperties, moveIds, remove } from './persons.repo.ts';

/** Addresses are looked up through an index, whose entries may not be longer than a third of a page. */
const EMAIL_MAX = 400;
/** What many requests may pile up on one person, in characters. */
const STORED_MAX = 2 * PERSON_PROPERTIES_MAX;
/** Each further attempt means that somebody else just took or merged one of the ids. */
const ATTEMPTS = 10;

export interface UpsertedPerson {
  id: string;
  created: boolean;
}

/**
 * Creates a person, or adds to the one who has one of these distinct ids. Ids of several persons make them one: the
 * oldest stays. Of parallel calls for the same new id one creates the person and the others find it.
 */
export async function upsertPerson(
  uow: Uow,
  projectId: number,
  input: PersonUpsert,
): Promise<UpsertedPerson> {
  checkProperties(input.properties ?? {});
  const gathered = await attempt(uow.tx, ATTEMPTS, () => gather(uow, projectId, input));
  if (!gathered) throw new ApiError('conflict', 'This person is being changed by others. Try again.');
  const { id, created, merged, hasChanged } = gathered;
  // Persons carry no version: a client that hears of one reads it again.
  const payload = { id, distinct_id: input.distinct_id, created, merged_ids: merged };
  if (hasChanged)
    uow.emit({ name: 'persons.upsert', projectId, resourceId: id, resourceVersion: 0, payload });
  return { id, created };
}

interface Gathered extends UpsertedPerson {
  merged: readonly string[];
  hasChanged: boolean;
}

/** One attempt to have all ids at one person; undefined when somebody took or merged one of them meanwhile. */
async function gather(uow: Uow, projectId: number, input: PersonUpsert): Promise<Gathered | undefined> {
  const { tx, now } = uow;
  const ids = [...new Set([input.distinct_id, ...(input.distinct_ids ?? [])])];
  const held = await holdOwners(tx, projectId, ids);
  if (!held) return undefined;
  const { people, owners } = held;

  const [oldest, ...merged] = people;
  const id = oldest ?? newId();
  const created = oldest === undefined;
  if (created) await insert(tx, projectId, id, now);
  const length = await mergeProperties(tx, projectId, id, created ? [id] : people, now, {
    named: owners.get(input.distinct_id),
    incoming: input.properties ?? {},
    isSaid: false,
    isIdentified: input.is_identified,
  });
  if (input.properties && length !== undefined && length > STORED_MAX) throw tooLong(STORED_MAX);
  if (merged.length > 0) {
    await moveIds(tx, projectId, merged, id);
    await remove(tx, projectId, merged);
  }
  const fresh = ids.filter((distinctId) => !owners.has(distinctId));
  const attached = await attach(tx, projectId, id, fresh, now);
  // The next attempt finds who was quicker, and joins them.
  if (attached < fresh.length) return undefined;
  await confirmIds(tx, projectId, ids);
  return { id, created, merged, hasChanged: length !== undefined || merged.length > 0 || attached > 0 };
}

function tooLong(limit: number) {
  return invalid('properties', `Ensure this field has no more than ${limit} characters.`, 'max_length');
}

function checkProperties(properties: Record<string, unknown>): void {
  if (JSON.stringify(properties).length > PERSON_PROPERTIES_MAX) throw tooLong(PERSON_PROPERTIES_MAX);
  const { email } = properties;
  const text = typeof email === 'string' ? email : JSON.stringify(email ?? null);
  if (text.length > EMAIL_MAX) {
    throw invalid(
      'properties__email',
      `Ensure this field has no more than ${EMAIL_MAX} characters.`,
      'max_length',
    );
  }
}
