/** Calls back whenever the page goes somewhere else without being loaded again. */
export declare function watchAddress(changed: (url: string) => void): void;
/** Keeps an element in the page, also where the page replaces its body. */
export declare function keepInPage(element: HTMLElement): void;
/** Takes the token of a mailed link out of the address, so that nobody passes it on with it. */
export declare function takeRestoreToken(): string | undefined;
/** Whether a page may show the widget: `x.org`, `https://x.org` or `*.x.org`; none at all is every page. */
export declare function isAllowedHost(host: string, domains: readonly string[]): boolean;
