import type { SharedState } from '#platform/shared/shared-state.ts';

/** What the streams of some users in a project are told. It is neither stored nor numbered: who is away misses it. */
export interface Signal {
  projectId: number;
  userIds: readonly number[];
  name: string;
  ticketId?: string | undefined;
}

/** A stream, as far as signals are concerned. */
export interface SignalListener {
  userId: number | undefined;
  write(text: string): void;
}

export const SIGNAL_CHANNEL = 'realtime.signals';
/** Users named in one message between nodes, which is small. */
const USERS = 400;

/** Tells the streams of all nodes. */
export async function publishSignals(
  shared: Pick<SharedState, 'publish'>,
  signals: readonly Signal[],
): Promise<void> {
  for (const { projectId, userIds, name, ticketId = null } of signals) {
    for (let start = 0; start < userIds.length; start += USERS) {
      const some = userIds.slice(start, start + USERS);
      await shared.publish(SIGNAL_CHANNEL, JSON.stringify([projectId, some, { name, ticket_id: ticketId }]));
    }
  }
}

/** A message of a stream without an id, so that it has no part in resuming. */
export function formatSignal(event: 'personal' | 'presence', data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Hands signals to the streams of this process. */
export class Signals {
  private readonly byProject = new Map<number, Set<SignalListener>>();

  join(projectId: number, listener: SignalListener): () => void {
    const listeners = this.byProject.get(projectId) ?? new Set();
    this.byProject.set(projectId, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      // Called twice, it must not take out the set of those who came later.
      if (listeners.size === 0 && this.byProject.get(projectId) === listeners)
        this.byProject.delete(projectId);
    };
  }

  /** To every stream of a project, or to those of some users. */
  tell(projectId: number, text: string, userIds?: readonly number[]): void {
    for (const listener of this.byProject.get(projectId) ?? []) {
      const isMeant =
        userIds === undefined || (listener.userId !== undefined && userIds.includes(listener.userId));
      if (isMeant) listener.write(text);
    }
  }

  /** What `publishSignals` sent, from whichever node. */
  receive(text: string): void {
    // Only publishSignals writes to this channel.
    const [projectId, userIds, data] = JSON.parse(text) as [number, number[], object];
    this.tell(projectId, formatSignal('personal', data), userIds);
  }
}
