import type { JobCall } from '#platform/jobs/job.ts';

/** Something that happened, as a feature reports it. */
export interface NewEvent {
  name: string;
  projectId: number;
  resourceId: string;
  resourceVersion: number;
  ticketId?: string | undefined;
  payload?: object;
}

/** What follows an event: jobs enqueued in the transaction of the event itself. */
export type Reactions = Readonly<Record<string, (event: NewEvent) => JobCall[]>>;

/** One table out of those of all features. */
export function mergeReactions(tables: readonly Reactions[]): Reactions {
  const merged: Record<string, (event: NewEvent) => JobCall[]> = {};
  for (const table of tables) {
    for (const [name, react] of Object.entries(table)) {
      const before = merged[name];
      merged[name] = before ? (event) => [...before(event), ...react(event)] : react;
    }
  }
  return merged;
}
