type Rgb = readonly [number, number, number];

/** `#rgb` or `#rrggbb`; undefined for anything else. */
export function parseHex(text: string): Rgb | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  const hex = short ? short.slice(1).map((digit) => digit + digit) : /^#(..)(..)(..)$/i.exec(text)?.slice(1);
  const parts = hex?.map((pair) => Number.parseInt(pair, 16));
  return parts?.every((part) => part >= 0) ? [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0] : undefined;
}

function luminance(colour: Rgb): number {
  const [r = 0, g = 0, b = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** As WCAG 2.2 reckons it: 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** Darker colours have more contrast with white, lighter ones with black: at least 4.58 to 1 with either. */
const MIDDLE = 0.179;

/** White or black, whichever can be read on a colour. */
export function textOn(hex: string): string {
  return luminance(parseHex(hex) ?? BLACK) > MIDDLE ? '#000000' : '#ffffff';
}

/** A colour as text on a background: brought towards black or white as far as it takes to be read. */
export function readableOn(hex: string, background: string): string {
  const [from, behind] = [parseHex(hex) ?? BLACK, parseHex(background) ?? WHITE];
  const target = luminance(behind) > MIDDLE ? BLACK : WHITE;
  for (let step = 0; step <= 20; step += 1) {
    const mixed = from.map((part, i) => Math.round(part + ((target[i] ?? 0) - part) * (step / 20)));
    const colour: Rgb = [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0];
    if (contrast(colour, behind) >= 4.5)
      return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  }
  return target === BLACK ? '#000000' : '#ffffff';
}
