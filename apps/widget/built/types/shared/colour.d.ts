type Rgb = readonly [number, number, number];
/** `#rgb` or `#rrggbb`; undefined for anything else. */
export declare function parseHex(text: string): Rgb | undefined;
/** As WCAG 2.2 reckons it: 1 to 21. */
export declare function contrast(a: Rgb, b: Rgb): number;
/** White or black, whichever can be read on a colour. */
export declare function textOn(hex: string): string;
/** A colour as text on a background: brought towards black or white as far as it takes to be read. */
export declare function readableOn(hex: string, background: string): string;
export {};
