import { EventEmitter } from 'node:events';
import type { Relay } from './in-process.ts';

/** Stands in for PostgreSQL in tests: tells every listener, the sender's own too, later, and refuses what it would. */
export function createMemoryRelay(): Relay {
  const events = new EventEmitter();
  return {
    async notify(channel, payload) {
      if (Buffer.byteLength(payload) >= 8000) throw new Error('payload string too long');
      setImmediate(() => events.emit(channel, payload));
    },
    async listen(channel, onPayload) {
      events.on(channel, onPayload);
      return async () => {
        events.off(channel, onPayload);
      };
    },
  };
}
