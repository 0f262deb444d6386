import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrast, parseHex, readableOn, textOn } from './colour.ts';

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const between = (a: string, b: string) => contrast(parseHex(a) ?? [0, 0, 0], parseHex(b) ?? [0, 0, 0]);

describe('colours of the widget', () => {
  it('text on any colour of a site can be read', () => {
    fc.assert(fc.property(hex, (color) => between(textOn(color), color) >= 4.5));
  });

  it('any colour of a site can be read as a link on any background', () => {
    fc.assert(
      fc.property(
        hex,
        hex,
        (color, background) => between(readableOn(color, background), background) >= 4.49,
      ),
    );
  });

  it.each([
    ['#fff', [255, 255, 255]],
    ['#1d4aff', [29, 74, 255]],
    ['red', undefined],
    ['#12345', undefined],
    ['#ggg', undefined],
  ])('reads %s', (text, expected) => expect(parseHex(text)).toEqual(expected));

  it('reckons contrast as WCAG does', () => {
    expect(between('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(between('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});
