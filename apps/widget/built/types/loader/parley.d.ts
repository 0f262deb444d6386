import type { EventName, Identity, Theme } from '../shared/protocol.js';
export interface ParleyOptions {
    /** Of the project. */
    token: string;
    /** Where Parley is. */
    host: string;
    /** Default: the browser's. */
    locale?: string | undefined;
    /** Texts in place of ours, by name. */
    texts?: Record<string, string> | undefined;
    theme?: Theme | undefined;
    identity?: Identity | undefined;
}
export type Reason = 'disabled_in_project' | 'remote_config_pending' | 'remote_config_failed' | 'disabled_by_config' | 'missing_token' | null;
type Listener = (detail: object) => void;
/** The widget of a page: what `window.parley` is, and what the package gives. Never throws into the page. */
export declare class Parley {
    #private;
    constructor(options: ParleyOptions);
    isAvailable(): boolean;
    getUnavailableReason(): Reason;
    /** Renders the launcher, also where the project does not by itself. */
    show(): void;
    hide(): void;
    isVisible(): boolean;
    open(): void;
    close(): void;
    setTheme(patch: Theme): void;
    sendMessage(message: string, traits?: object, isNew?: boolean): Promise<unknown>;
    getMessages(ticketId?: string, after?: string): Promise<unknown>;
    markAsRead(ticketId?: string): Promise<unknown>;
    getTickets(options?: {
        status?: string;
        limit?: number;
        offset?: number;
    }): Promise<unknown>;
    requestRestoreLink(email: string): Promise<unknown>;
    restoreFromToken(token: string): Promise<unknown>;
    restoreFromUrlToken(): Promise<unknown>;
    getCurrentTicketId(): string | null;
    getWidgetSessionId(): string | null;
    /** Somebody whom the site has signed in (docs/widget.md): their tickets, on every browser. */
    setIdentity(id: string, hash: string, claims?: Identity['claims']): void;
    clearIdentity(): void;
    /** What the page knows of them, without a proof of anything. */
    identify(traits: {
        name?: string;
        email?: string;
    }): void;
    /** Forgets who was here, as when somebody signs out: the next message is another visitor's. */
    reset(): void;
    /** Calls back on an event; the answer ends that. */
    on(name: EventName, listener: Listener): () => void;
}
export {};
