import type { Kept, Traits } from '../shared/protocol.js';
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
    write(changes: {
        [K in keyof Stored]?: Stored[K] | undefined;
    }): void;
    clear(): void;
}
/** The page's own storage; where there is none, this page's memory. */
export declare function openStore(token: string): Store;
