import type { Project } from '#platform/actor.ts';
import type { StreamEvent } from '#platform/realtime/event-reader.ts';
import type { Hub } from '#platform/realtime/hub.ts';
import type { StreamStart } from '#platform/realtime/resume.ts';
import type { EventStream } from '#platform/realtime/sse.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { ReadContext, UnitOfWork } from '#platform/unit-of-work.ts';
import { ownerKeys, ProjectStreams, type VisitorListener } from './project-streams.ts';
import { formatVisitorEvent, toVisitorEvent, type VisitorEvent } from './stream-events.ts';
import { sealPlace } from './stream-place.ts';
import { findDistinctIds, findOwners, findTicketIds } from './ticket-owners.ts';
import type { Visitor } from './visitor.ts';

export interface VisitorStreamsParts {
  hub: Hub;
  unitOfWork: UnitOfWork;
  secretBox: SecretBox;
  /** Where a stream of a project goes on after a number. */
  findStart(projectId: number, asked: number | undefined): Promise<StreamStart>;
  /** Events of some tickets after a number. */
  readMissed(projectId: number, after: number, ticketIds: readonly string[]): Promise<StreamEvent[]>;
  onError: (error: unknown) => void;
}

interface Channel {
  streams: ProjectStreams;
  leave: Promise<() => void>;
}

const SYSTEM = { kind: 'system' } as const;

/** Streams of visitors in this process, on the events that the team's streams stand on too. */
export class VisitorStreams {
  private readonly parts: VisitorStreamsParts;
  private readonly channels = new Map<number, Channel>();

  constructor(parts: VisitorStreamsParts) {
    this.parts = parts;
  }

  /** Begins or ceases: what the team does on a ticket right now. */
  tellTyping(projectId: number, ticketId: string, isTyping: boolean): void {
    this.channels.get(projectId)?.streams.tellTyping(ticketId, isTyping);
  }

  /**
   * Serves a visitor from a place on, until their stream closes. They are found by their keys before their tickets are
   * read, so a ticket that is made meanwhile is found one way or the other; what happens meanwhile waits until what was
   * missed is told. The answer brings their tickets up to date, which others may merge, restore or delete.
   */
  async follow(
    project: Project,
    visitor: Visitor,
    stream: EventStream,
    start: StreamStart,
  ): Promise<(visitor: Visitor) => Promise<void>> {
    const ids = await this.read((context) => findDistinctIds(context, project.id, visitor));
    const channel = this.channelOf(project.id, start.newest);
    const listener = new Listener(stream, (seq) => sealPlace(this.parts.secretBox, project.id, seq), [
      ...(visitor.session ? [ownerKeys.session(visitor.session)] : []),
      ...ids.map(ownerKeys.id),
      ...(visitor.email === null ? [] : [ownerKeys.email(visitor.email)]),
    ]);
    channel.streams.add(listener);
    stream.onClose(() => this.leave(project.id, channel, listener));
    await channel.leave;
    const tickets = await this.read((context) => findTicketIds(context, project.id, visitor));
    for (const id of tickets) channel.streams.attach(listener, id);
    const missed = await this.parts.readMissed(project.id, start.seq, tickets);
    listener.begin(
      start.seq,
      missed.flatMap((event) => toVisitorEvent(event) ?? []),
    );
    return (now) => this.refresh(project, channel, listener, now);
  }

  private async refresh(
    project: Project,
    { streams }: Channel,
    listener: Listener,
    visitor: Visitor,
  ): Promise<void> {
    const tickets = new Set(await this.read((context) => findTicketIds(context, project.id, visitor)));
    for (const id of listener.tickets) {
      if (tickets.has(id)) continue;
      streams.detach(listener, id);
      listener.write(formatVisitorEvent('ticket', { ticket_id: id }));
    }
    for (const id of tickets)
      if (streams.attach(listener, id)) listener.write(formatVisitorEvent('ticket', { ticket_id: id }));
  }

  private channelOf(projectId: number, seq: number): Channel {
    const known = this.channels.get(projectId);
    if (known) return known;
    const owners = (ids: readonly string[]) => this.read((context) => findOwners(context, projectId, ids));
    const streams = new ProjectStreams(seq, owners, this.parts.onError);
    const channel = { streams, leave: this.parts.hub.join(projectId, streams) };
    this.channels.set(projectId, channel);
    // Whoever waits for it is told; the next one tries again.
    channel.leave.catch(() => this.forget(projectId, channel));
    return channel;
  }

  private leave(projectId: number, channel: Channel, listener: Listener): void {
    channel.streams.remove(listener);
    if (channel.streams.streams > 0) return;
    this.forget(projectId, channel);
    channel.leave.then(
      (leave) => leave(),
      () => {},
    );
  }

  private forget(projectId: number, channel: Channel): void {
    if (this.channels.get(projectId) === channel) this.channels.delete(projectId);
  }

  private read<T>(work: (context: ReadContext) => Promise<T>): Promise<T> {
    return this.parts.unitOfWork.read(SYSTEM, work);
  }
}

/** A stream and what it has been told. */
class Listener implements VisitorListener {
  readonly keys: readonly string[];
  readonly tickets = new Set<string>();
  private readonly stream: EventStream;
  private readonly seal: (seq: number) => string;
  /** What comes before `begin`. */
  private early: VisitorEvent[] | undefined = [];
  private seq = 0;

  constructor(stream: EventStream, seal: (seq: number) => string, keys: readonly string[]) {
    this.stream = stream;
    this.seal = seal;
    this.keys = keys;
  }

  write(text: string): void {
    this.stream.write(text);
  }

  /** Tells what was missed, then what came while that was read. */
  begin(seq: number, missed: readonly VisitorEvent[]): void {
    const early = this.early ?? [];
    this.early = undefined;
    this.seq = seq;
    for (const event of [...missed, ...early]) this.tell(event);
  }

  tell(event: VisitorEvent): void {
    if (this.early) return void this.early.push(event);
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    const { kind, ticketId, by } = event;
    const data = { ticket_id: ticketId, ...(by === undefined ? {} : { by }) };
    this.write(formatVisitorEvent(kind, data, this.seal(event.seq)));
  }

  tellTyping(ticketId: string, isTyping: boolean): void {
    this.write(formatVisitorEvent('typing', { ticket_id: ticketId, is_typing: isTyping }));
  }

  end(): void {
    this.stream.end();
  }
}
