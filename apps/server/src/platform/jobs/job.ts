import type { Static, TSchema } from 'typebox';
import type { JobContext } from './worker.ts';

/** A job's name, payload and limits. Its handler is imported when the first one runs. */
export interface JobDefinition<S extends TSchema = TSchema> {
  name: string;
  payload: S;
  retryLimit: number;
  /** Seconds until the first retry; doubles after that. */
  retryDelay: number;
  expireInSeconds: number;
  /** Cron expression (UTC): also runs by itself, with an empty payload. */
  cron?: string;
  handler: () => Promise<{ run: (context: JobContext, payload: Static<S>) => Promise<void> }>;
}

/** A job to be enqueued. */
export interface JobCall {
  name: string;
  payload: object;
  startAfter?: Date | undefined;
}

const DEFAULTS = { retryLimit: 8, retryDelay: 2, expireInSeconds: 300 };

export function defineJob<S extends TSchema>(
  definition: Pick<JobDefinition<S>, 'name' | 'payload' | 'handler'> & Partial<JobDefinition<S>>,
): JobDefinition<S> & { call: (payload: Static<S>, options?: Pick<JobCall, 'startAfter'>) => JobCall } {
  return {
    ...DEFAULTS,
    ...definition,
    // Payload schemas are objects; TypeBox cannot say so for a free S.
    call: (payload, options = {}) => ({ name: definition.name, payload: payload as object, ...options }),
  };
}
