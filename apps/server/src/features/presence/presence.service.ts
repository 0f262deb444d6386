import type { Presence, PresenceActor, PresenceSignal, PresenceUpdate } from '@parley/contract/presence';
import type { ActorUser } from '#platform/actor.ts';
import type { Clock } from '#platform/clock.ts';
import { uuid } from '#platform/ids.ts';
import { formatInstant } from '#platform/instant.ts';
import { formatSignal, type Signals } from '#platform/realtime/signals.ts';
import type { SharedState } from '#platform/shared/shared-state.ts';
import { firstCharacters } from '#platform/text.ts';
import { type Change, type Place, PresenceBoard, placeKey, type Shown, windowKey } from './presence.board.ts';
import { Coalescer } from './presence.coalescer.ts';

const CHANNEL = 'presence';
/** Streams are told of one person on one ticket at most this often, and other nodes of one window. */
const TELL_MS = 500;
const PUBLISH_MS = 1000;
const EXPIRE_MS = 1000;
/** A stream that breaks is back within this time, on a client that lives. */
const GRACE_MS = 5000;
/** A message between nodes is small. */
const NAME_MAX = 200;

export interface PresenceParts {
  shared: Pick<SharedState, 'publish' | 'subscribe'>;
  clock: Clock;
  /** The streams of this process, where it has any. */
  signals: Signals | undefined;
  onError: (error: unknown) => void;
  /** Tests shorten it. */
  graceMs?: number | undefined;
}

type TypingListener = (projectId: number, ticketId: string, isTyping: boolean) => void;

/** Whose stream it is, as the client named itself. */
interface Watcher {
  projectId: number;
  userId: number;
  clientId: string;
}

/**
 * Who views and who types. Every process keeps all of it in memory and tells the others what it hears, through Redis or
 * the database's NOTIFY; nothing is stored. A process that has just started knows everybody after one round of
 * heartbeats.
 */
export class PresenceService {
  private readonly parts: PresenceParts;
  private readonly board = new PresenceBoard();
  private readonly telling = new Coalescer(TELL_MS);
  private readonly publishing = new Coalescer(PUBLISH_MS);
  private readonly node = uuid();
  private readonly streams = new Map<string, number>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly typing = new Set<string>();
  private readonly typingListeners = new Set<TypingListener>();
  private unsubscribe: (() => Promise<void>) | undefined;
  private closed = false;

  constructor(parts: PresenceParts) {
    this.parts = parts;
  }

  async start(): Promise<void> {
    this.unsubscribe = await this.parts.shared.subscribe(CHANNEL, (text) => this.receive(text));
    const timer = setInterval(() => {
      for (const place of this.board.expire(this.now())) this.tell(place);
    }, EXPIRE_MS);
    timer.unref();
    this.timers.add(timer);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.telling.close();
    this.publishing.close();
    await this.unsubscribe?.();
  }

  /** What somebody does now, in one of their windows. The caller has checked that they may see the ticket. */
  update(change: Change): void {
    this.apply(change);
    this.publishing.request(windowKey(change), () => {
      const message = JSON.stringify([this.node, change]);
      void this.parts.shared.publish(CHANNEL, message).catch(this.parts.onError);
    });
  }

  /** Hears when the team begins or ceases to type an answer on a ticket, and not who does. */
  watchTyping(listener: TypingListener): () => void {
    this.typingListeners.add(listener);
    return () => void this.typingListeners.delete(listener);
  }

  list(projectId: number, ticketIds: readonly string[]): Presence[] {
    return ticketIds.flatMap((id) => this.board.list(projectId, id, this.now())).map(present);
  }

  /** Counts a stream; when a client's last one closes and none comes back, its windows are gone. */
  watch(watcher: Watcher): () => void {
    const { projectId, userId, clientId } = watcher;
    const key = `${projectId}:${userId}:${clientId}`;
    this.streams.set(key, (this.streams.get(key) ?? 0) + 1);
    return () => {
      const left = (this.streams.get(key) ?? 1) - 1;
      if (left > 0) this.streams.set(key, left);
      else this.streams.delete(key);
      if (left === 0) this.leaveLater(key, watcher);
    };
  }

  private leaveLater(key: string, { projectId, userId, clientId }: Watcher): void {
    // The streams of a server that ends are opened again elsewhere.
    if (this.closed) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (this.streams.has(key)) return;
      for (const window of this.board.windowsOf(projectId, userId, clientId))
        this.update({ ...window, state: 'gone' });
    }, this.parts.graceMs ?? GRACE_MS);
    timer.unref();
    this.timers.add(timer);
  }

  private receive(text: string): void {
    // Only `update` writes to this channel.
    const [node, change] = JSON.parse(text) as [string, Change];
    // What this process said itself may be older than what it knows by now.
    if (node !== this.node) this.apply(change);
  }

  private apply(change: Change): void {
    for (const place of this.board.apply(change, this.now())) this.tell(place);
  }

  private tell({ projectId, ticketId, actor }: Place): void {
    const place = { projectId, ticketId, actor };
    this.telling.request(placeKey(place), () => {
      const state = this.board.shown(place, this.now())?.state ?? 'gone';
      const signal: PresenceSignal = { ticket_id: ticketId, actor, state };
      this.parts.signals?.tell(projectId, formatSignal('presence', signal));
      this.tellTyping(projectId, ticketId);
    });
  }

  private tellTyping(projectId: number, ticketId: string): void {
    const place = `${projectId}:${ticketId}`;
    const people = this.board.list(projectId, ticketId, this.now());
    const isTyping = people.some(({ actor, state }) => actor.kind === 'user' && state === 'typing');
    if (isTyping === this.typing.has(place)) return;
    if (isTyping) this.typing.add(place);
    else this.typing.delete(place);
    for (const listener of this.typingListeners) listener(projectId, ticketId, isTyping);
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }
}

/** A user as others see them on a ticket. */
export function userActor(user: ActorUser): PresenceActor {
  const name = `${user.firstName} ${user.lastName}`.trim() || user.email;
  return { kind: 'user', user_id: user.id, name: firstCharacters(name, NAME_MAX) };
}

/** What a heartbeat says. */
export function toChange(place: Place, { state, client_id = '' }: PresenceUpdate): Change {
  return { ...place, clientId: client_id, state };
}

function present({ ticketId, actor, state, since, expiresAt }: Shown): Presence {
  const [from, until] = [since, expiresAt].map((at) => formatInstant(new Date(at)));
  return { ticket_id: ticketId, actor, state, since: from ?? '', expires_at: until ?? '' };
}
