type LauncherTexts = readonly [string, string, string];
/** What the button says: to open, to close, and that something is new. */
export declare const LAUNCHER: Readonly<Record<string, LauncherTexts>>;
/** The language of ours that comes closest to what is wanted, in order; English when none does. */
export declare function pickLocale(wanted: readonly string[]): string;
export declare const textsFor: (locale: string) => LauncherTexts;
export {};
