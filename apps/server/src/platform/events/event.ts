import type { EventName } from '@parley/contract/events';
import type { JobCall } from '#platform/jobs/job.ts';

/** Something that happened, as a feature reports it. */
export interface NewEvent {
  name: EventName;
  projectId: number;
  resourceId: string;
  resourceVersion: number;
  ticketId?: string | undefined;
  payload?: object;
}

/** What follows an event: jobs enqueued in the transaction of the event itself. */
export type Reactions = Readonly<Partial<Record<EventName, (event: NewEvent) => JobCall[]>>>;

/** One table out of those of all features; several features may react to the same event. */
export function mergeReactions(tables: readonly Reactions[]): Reactions {
  const merged: Partial<Record<EventName, (event: NewEvent) => JobCall[]>> = {};
  for (const table of tables) {
    // Object.entries forgets the names' type.
    for (const [name, react] of Object.entries(table) as [EventName, (event: NewEvent) => JobCall[]][]) {
      const before = merged[name];
      merged[name] = before ? (event) => [...before(event), ...react(event)] : react;
    }
  }
  return merged;
}
