/** A random UUID, also on pages without HTTPS. */
export declare function newId(): string;
