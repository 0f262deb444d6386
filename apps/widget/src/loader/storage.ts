import type { Kept, Traits } from '../shared/protocol.ts';

/** What the page remembers of its visitor, under the name that posthog-js uses, so that they keep their tickets. */
export interface Stored extends Kept {
  widgetSessionId?: string;
  distinctId?: string;
  widgetState?: 'open' | 'closed';
  userTraits?: Traits;
}

export interface Store {
  read(): Stored;
  /** Undefined takes a value away. */
  write(changes: { [K in keyof Stored]?: Stored[K] | undefined }): void;
  clear(): void;
}

/** The page's own storage; where there is none, this page's memory. */
export function openStore(token: string): Store {
  const key = `ph_conv_${token}`;
  let memory: Stored = {};
  function read(): Stored {
    try {
      const text = localStorage.getItem(key);
      if (text !== null) memory = JSON.parse(text) as Stored;
    } catch {
      // Storage is switched off, or holds what is no JSON.
    }
    return memory;
  }
  function save(next: Stored): void {
    memory = next;
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // It stays in memory.
    }
  }
  return {
    read,
    write: (changes) => save({ ...read(), ...changes } as Stored),
    clear() {
      memory = {};
      try {
        localStorage.removeItem(key);
      } catch {
        // Nothing was kept there.
      }
    },
  };
}
