import type { StreamEvent } from '#platform/realtime/event-reader.ts';
import type { Subscriber } from '#platform/realtime/hub.ts';
import { toVisitorEvent, type VisitorEvent } from './stream-events.ts';
import type { TicketOwner } from './ticket-owners.ts';

/** One open stream of a visitor, as its project's events find it. */
export interface VisitorListener {
  /** Of a session, of ids and of an address; what an owner has in common with it makes a ticket the visitor's. */
  readonly keys: readonly string[];
  readonly tickets: Set<string>;
  tell(event: VisitorEvent): void;
  tellTyping(ticketId: string, isTyping: boolean): void;
  end(): void;
}

/** By what listeners and owners are compared. */
export const ownerKeys = {
  session: (hash: Buffer) => `session:${Buffer.from(hash).toString('base64url')}`,
  id: (distinctId: string) => `id:${distinctId}`,
  email: (address: string) => `email:${address}`,
};

function keysOf({ session, distinct_id: id, email }: TicketOwner): string[] {
  return [
    ...(session ? [ownerKeys.session(session)] : []),
    ownerKeys.id(id),
    ...(email === null ? [] : [ownerKeys.email(email)]),
  ];
}

/**
 * The visitors of one project who listen in this process: one subscriber for all of them, which finds the few that an
 * event concerns by its ticket. A ticket whose owner may be new is looked up first, and what happens to it meanwhile
 * waits for that.
 */
export class ProjectStreams implements Subscriber {
  seq: number;
  private readonly findOwners: (ids: readonly string[]) => Promise<TicketOwner[]>;
  private readonly onError: (error: unknown) => void;
  private readonly listeners = new Set<VisitorListener>();
  private readonly byKey = new Map<string, Set<VisitorListener>>();
  private readonly byTicket = new Map<string, Set<VisitorListener>>();
  private readonly waiting = new Map<string, VisitorEvent[]>();
  private isLooking = false;

  constructor(
    seq: number,
    findOwners: (ids: readonly string[]) => Promise<TicketOwner[]>,
    onError: (error: unknown) => void,
  ) {
    this.seq = seq;
    this.findOwners = findOwners;
    this.onError = onError;
  }

  get streams(): number {
    return this.listeners.size;
  }

  add(listener: VisitorListener): void {
    this.listeners.add(listener);
    for (const key of listener.keys) addTo(this.byKey, key, listener);
  }

  remove(listener: VisitorListener): void {
    this.listeners.delete(listener);
    for (const key of listener.keys) removeFrom(this.byKey, key, listener);
    for (const id of listener.tickets) removeFrom(this.byTicket, id, listener);
  }

  /** From now on the listener hears of a ticket; false when it did already. */
  attach(listener: VisitorListener, ticketId: string): boolean {
    if (listener.tickets.has(ticketId) || !this.listeners.has(listener)) return false;
    listener.tickets.add(ticketId);
    addTo(this.byTicket, ticketId, listener);
    return true;
  }

  detach(listener: VisitorListener, ticketId: string): void {
    listener.tickets.delete(ticketId);
    removeFrom(this.byTicket, ticketId, listener);
  }

  deliver(streamEvent: StreamEvent): void {
    const event = toVisitorEvent(streamEvent);
    if (!event) return;
    const waiting = this.waiting.get(event.ticketId);
    if (waiting) return void waiting.push(event);
    if (!event.hasNewOwner) {
      this.tell(event);
      return;
    }
    this.waiting.set(event.ticketId, [event]);
    if (!this.isLooking) void this.lookUp();
  }

  tellTyping(ticketId: string, isTyping: boolean): void {
    for (const listener of this.byTicket.get(ticketId) ?? []) listener.tellTyping(ticketId, isTyping);
  }

  end(): void {
    for (const listener of this.listeners) listener.end();
  }

  private tell(event: VisitorEvent): void {
    for (const listener of this.byTicket.get(event.ticketId) ?? []) listener.tell(event);
  }

  /** All that wait are looked up together; those that come meanwhile, together after them. */
  private async lookUp(): Promise<void> {
    this.isLooking = true;
    try {
      while (this.waiting.size > 0) {
        const ids = [...this.waiting.keys()];
        const owners = await this.findOwners(ids);
        for (const id of ids)
          this.settle(
            id,
            owners.find((owner) => owner.id === id),
          );
      }
    } catch (error) {
      // Whoever missed something finds it when their tickets are read again.
      this.waiting.clear();
      this.onError(error);
    } finally {
      this.isLooking = false;
    }
  }

  private settle(ticketId: string, owner: TicketOwner | undefined): void {
    const before = [...(this.byTicket.get(ticketId) ?? [])];
    const now = new Set((owner ? keysOf(owner) : []).flatMap((key) => [...(this.byKey.get(key) ?? [])]));
    for (const listener of now) this.attach(listener, ticketId);
    for (const event of this.waiting.get(ticketId) ?? []) this.tell(event);
    // They were told as well: that it is gone is what happened to them.
    for (const listener of before) if (!now.has(listener)) this.detach(listener, ticketId);
    this.waiting.delete(ticketId);
  }
}

function addTo(sets: Map<string, Set<VisitorListener>>, name: string, listener: VisitorListener): void {
  const set = sets.get(name) ?? new Set();
  sets.set(name, set.add(listener));
}

function removeFrom(sets: Map<string, Set<VisitorListener>>, name: string, listener: VisitorListener): void {
  const set = sets.get(name);
  set?.delete(listener);
  if (set?.size === 0) sets.delete(name);
}
