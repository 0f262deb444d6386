import {
  PRESENCE_MS,
  PRESENCE_STATES,
  type PresenceActor,
  type PresenceState,
} from '@parley/contract/presence';

/** Tickets and windows of one person at a time; the one not heard of longest makes room. */
const PER_ACTOR = 20;

/** Somebody on a ticket. */
export interface Place {
  projectId: number;
  ticketId: string;
  actor: PresenceActor;
}

/** What somebody does in one of their windows. */
export interface Change extends Place {
  clientId: string;
  state: PresenceState | 'gone';
}

/** What somebody does on a ticket, over all their windows. */
export interface Shown extends Place {
  state: PresenceState;
  since: number;
  expiresAt: number;
}

interface Entry extends Change {
  state: PresenceState;
  since: number;
  expiresAt: number;
}

function actorKey({ projectId, ticketId, actor }: Place): string {
  return actor.user_id === null ? `customer:${projectId}:${ticketId}` : `user:${actor.user_id}`;
}

const ticketKey = (projectId: number, ticketId: string) => `${projectId}:${ticketId}`;

/** Somebody on a ticket, as a text. */
export const placeKey = (place: Place) => `${ticketKey(place.projectId, place.ticketId)}:${actorKey(place)}`;

/** One of their windows there. Names of clients hold no colon. */
export const windowKey = (change: Change) => `${placeKey(change)}:${change.clientId}`;

/** Who is where, as this process knows it: in memory only, and bounded by the number of people. */
export class PresenceBoard {
  /** In the order in which they were last heard of, which is also that in which they expire. */
  private readonly windows = new Map<string, Entry>();
  private readonly byTicket = new Map<string, Set<string>>();
  /** Each set in the order of `windows`. */
  private readonly byActor = new Map<string, Set<string>>();

  /** Answers the places that look otherwise now: this one, and one that had to make room. */
  apply(change: Change, now: number): Place[] {
    const key = windowKey(change);
    const before = this.shown(change, now)?.state;
    const known = this.windows.get(key);
    this.remove(key);
    const { state } = change;
    if (state !== 'gone') {
      const since = known && known.expiresAt > now ? known.since : now;
      this.add(key, { ...change, state, since, expiresAt: now + PRESENCE_MS });
    }
    const pushed = this.makeRoom(change);
    return this.shown(change, now)?.state === before ? pushed : [change, ...pushed];
  }

  /** What somebody is shown to do on a ticket; undefined when they are not there. */
  shown(place: Place, now: number): Shown | undefined {
    const key = placeKey(place);
    return this.list(place.projectId, place.ticketId, now).find((one) => placeKey(one) === key);
  }

  /** Who is on a ticket, those who came first first. */
  list(projectId: number, ticketId: string, now: number): Shown[] {
    const keys = this.byTicket.get(ticketKey(projectId, ticketId)) ?? [];
    const alive = [...keys]
      .flatMap((key) => this.windows.get(key) ?? [])
      .filter((one) => one.expiresAt > now);
    const people = [...Map.groupBy(alive, actorKey).values()];
    return people.flatMap(combine).sort((a, b) => a.since - b.since);
  }

  /** The windows that somebody has open in a project under the name of a client. */
  windowsOf(projectId: number, userId: number, clientId: string): Change[] {
    const entries = [...(this.byActor.get(`user:${userId}`) ?? [])].flatMap(
      (key) => this.windows.get(key) ?? [],
    );
    return entries.filter((one) => one.projectId === projectId && one.clientId === clientId);
  }

  /** Takes out who was not heard of in time, and answers the places that look otherwise without them. */
  expire(now: number): Place[] {
    const gone: Place[] = [];
    for (const [key, entry] of this.windows) {
      if (entry.expiresAt > now) break;
      this.remove(key);
      gone.push(entry);
    }
    return gone;
  }

  private makeRoom(place: Place): Place[] {
    const keys = this.byActor.get(actorKey(place));
    if (keys === undefined || keys.size <= PER_ACTOR) return [];
    const [oldest = ''] = keys;
    const entry = this.windows.get(oldest);
    this.remove(oldest);
    return entry ? [entry] : [];
  }

  private add(key: string, entry: Entry): void {
    this.windows.set(key, entry);
    addTo(this.byTicket, ticketKey(entry.projectId, entry.ticketId), key);
    addTo(this.byActor, actorKey(entry), key);
  }

  private remove(key: string): void {
    const entry = this.windows.get(key);
    if (!entry) return;
    this.windows.delete(key);
    removeFrom(this.byTicket, ticketKey(entry.projectId, entry.ticketId), key);
    removeFrom(this.byActor, actorKey(entry), key);
  }
}

/** One person out of their windows: what they do most, since the first, until the last. */
function combine(windows: readonly Entry[]): Shown[] {
  const [first] = windows;
  if (!first) return [];
  const { projectId, ticketId, actor } = first;
  const state = PRESENCE_STATES.findLast((each) => windows.some((one) => one.state === each)) ?? first.state;
  const since = Math.min(...windows.map((one) => one.since));
  const expiresAt = Math.max(...windows.map((one) => one.expiresAt));
  return [{ projectId, ticketId, actor, state, since, expiresAt }];
}

function addTo(sets: Map<string, Set<string>>, name: string, key: string): void {
  const set = sets.get(name) ?? new Set();
  sets.set(name, set.add(key));
}

function removeFrom(sets: Map<string, Set<string>>, name: string, key: string): void {
  const set = sets.get(name);
  set?.delete(key);
  if (set?.size === 0) sets.delete(name);
}
