import type { Schema } from '@parley/db/schema';
import { sql, type Transaction } from 'kysely';
import { newId } from '#platform/ids.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { attempt, holdOwners, undoAttempt } from './persons.attempts.ts';
import { attach, insert, mergeProperties, moveIds, remove } from './persons.repo.ts';

/** What a page says about who is there. Anybody can say anything: nothing of it may open or redirect what is another's. */
export interface Said {
  distinctId: string;
  /** Said to be of the same person. */
  otherId: string | undefined;
  isIdentified: boolean;
  set: Record<string, unknown>;
  setOnce: Record<string, unknown>;
}

const EMAIL_MAX = 254;
/** What one page may say, and what many may pile up on one person, in characters. */
const SAID_MAX = 20_000;
const STORED_MAX = 50_000;
const ATTEMPTS = 5;

interface StoredPerson {
  id: string;
  is_identified: boolean;
  email: string | null;
  is_email_said: boolean;
  names: string[];
}

/**
 * Takes in what a page says about a person; false when nothing of it is taken (docs/decisions/0031):
 * two persons become one only while one of them is not identified, ids that come together this way open nothing of each
 * other's, and an address that a program has set is not changed.
 */
export async function sayPerson(uow: Uow, projectId: number, said: Said): Promise<boolean> {
  return (await attempt(uow.tx, ATTEMPTS, () => trySay(uow, projectId, said))) ?? false;
}

/** Undefined when somebody took or merged one of the ids meanwhile. */
async function trySay(uow: Uow, projectId: number, said: Said): Promise<boolean | undefined> {
  const { tx, now } = uow;
  const ids = [...new Set([said.distinctId, ...(said.otherId === undefined ? [] : [said.otherId])])];
  const held = await holdOwners(tx, projectId, ids);
  if (!held) return undefined;
  const { people, owners } = held;
  const stored = await readStored(tx, projectId, people);
  const own = stored.get(owners.get(said.distinctId) ?? '');
  const other = stored.get(owners.get(said.otherId ?? '') ?? '');
  const isMerge = own !== undefined && other !== undefined && own.id !== other.id;
  const mayJoin = !isMerge || !own.is_identified || !other.is_identified;
  const joined = mayJoin ? stored : new Map(own ? [[own.id, own]] : []);
  // The identified one stays, else the oldest.
  const target = [...joined.values()].toSorted(
    (a, b) => Number(b.is_identified) - Number(a.is_identified),
  )[0];
  const id = target?.id ?? newId();
  if (!target) await insert(tx, projectId, id, now);

  const fixed = [...joined.values()].find(hasFixedEmail);
  const properties = pickProperties(said, [...joined.values()], fixed !== undefined);
  const length = await mergeProperties(tx, projectId, id, target ? [...joined.keys()] : [id], now, {
    named: fixed?.id ?? own?.id ?? id,
    incoming: properties,
    isSaid: true,
    isIdentified: said.isIdentified ? true : undefined,
  });
  if (length !== undefined && length > STORED_MAX) {
    await undoAttempt(tx);
    return false;
  }
  const merged = [...joined.keys()].filter((one) => one !== id);
  if (merged.length > 0) {
    await markIds(tx, projectId, merged);
    await moveIds(tx, projectId, merged, id);
    await remove(tx, projectId, merged);
  }
  const fresh = ids.filter((one) => !owners.has(one) && (mayJoin || one === said.distinctId));
  // An id that comes to a person who is there already is only said to be theirs, whichever of the two it is.
  const onlySaid = target ? fresh : fresh.filter((one) => one !== said.distinctId);
  const attached = await attach(tx, projectId, id, fresh, now, onlySaid);
  if (attached < fresh.length) return undefined;
  const hasChanged = length !== undefined || merged.length > 0 || attached > 0;
  if (hasChanged) {
    const payload = { id, distinct_id: said.distinctId, created: !target, merged_ids: merged };
    uow.emit({ name: 'persons.upsert', projectId, resourceId: id, resourceVersion: 0, payload });
  }
  return hasChanged;
}

async function readStored(
  tx: Transaction<Schema>,
  projectId: number,
  people: readonly string[],
): Promise<Map<string, StoredPerson>> {
  if (people.length === 0) return new Map();
  const { rows } = await sql<StoredPerson>`
    select p.id, p.is_identified, nullif(p.properties ->> 'email', '') as email, p.is_email_said,
      array(select jsonb_object_keys(p.properties)) as names
    from persons p where p.project_id = ${projectId} and p.id = any(${[...people]}::uuid[])
    order by p.created_at, p.id`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether a program has set the address. */
const hasFixedEmail = ({ email, is_email_said }: StoredPerson) => email !== null && !is_email_said;

/** What is laid over the stored properties. Of too much, nothing. */
function pickProperties(
  { set, setOnce }: Said,
  stored: readonly StoredPerson[],
  isFixed: boolean,
): Record<string, unknown> {
  const names = new Set(stored.flatMap((person) => person.names));
  const missing = Object.entries(setOnce).filter(([name]) => !names.has(name));
  const { email, ...picked } = { ...Object.fromEntries(missing), ...set };
  const isAddress = typeof email === 'string' && email !== '' && email.length <= EMAIL_MAX;
  const properties = isAddress && !isFixed ? { ...picked, email } : picked;
  return JSON.stringify(properties).length > SAID_MAX ? {} : properties;
}

/** All ids of persons that a page has put to another. */
async function markIds(tx: Transaction<Schema>, projectId: number, people: readonly string[]): Promise<void> {
  await sql`update person_distinct_ids set is_said = true
    where project_id = ${projectId} and person_id = any(${[...people]}::uuid[]) and not is_said`.execute(tx);
}
