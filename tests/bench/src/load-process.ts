import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoadRequest, LoadResult } from './load.ts';

export interface LoadProcess {
  fire(request: LoadRequest): Promise<LoadResult>;
  stop(): void;
}

/** The process the requests come from: neither the server nor the floor shares its event loop. */
export function startLoadProcess(): LoadProcess {
  const child: ChildProcess = fork(new URL('load.ts', import.meta.url), { serialization: 'advanced' });
  return {
    async fire(request) {
      const ended = new AbortController();
      const onExit = () => ended.abort(new Error('The load process ended.'));
      child.once('exit', onExit);
      child.send(request);
      const [result] = await once(child, 'message', { signal: ended.signal });
      child.off('exit', onExit);
      // load.ts sends nothing else.
      return result as LoadResult;
    },
    stop: () => void child.kill(),
  };
}
