import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from './secret-box.ts';

const box = createSecretBox('a secret of this installation');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a secret box', () => {
  it('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(box.open(box.seal(text))).toBe(text);
      }),
    );
  });

  it('opens after a restart with the same secret', () => {
    expect(createSecretBox('a secret of this installation').open(box.seal('smtp password'))).toBe(
      'smtp password',
    );
  });

  it('names its version and hides the text', () => {
    const sealed = box.seal('smtp password');
    expect(sealed).toMatch(/^v1\.[\w-]+$/);
    expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('password');
  });

  it('never seals one text the same way twice', () => {
    expect(box.seal('text')).not.toBe(box.seal('text'));
  });

  it('does not open with another secret', () => {
    expect(createSecretBox('another secret').open(box.seal('text'))).toBeUndefined();
  });

  it('does not open when any one character was changed', () => {
    const sealed = box.seal('text');
    for (let at = 0; at < sealed.length; at += 1) {
      for (const other of ALPHABET) {
        if (other === sealed[at]) continue;
        expect(box.open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toBeUndefined();
      }
    }
  });

  it('does not open when cut short or made longer', () => {
    const sealed = box.seal('text');
    for (let end = 0; end < sealed.length; end += 1) expect(box.open(sealed.slice(0, end))).toBeUndefined();
    for (const tail of ['A', 'AAAA', '!', '=', '\n']) expect(box.open(sealed + tail)).toBeUndefined();
  });

  it('answers undefined to anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(box.open(text)).toBeUndefined();
        expect(box.open(`v1.${text}`)).toBeUndefined();
      }),
    );
  });

  it('refuses an empty secret', () => {
    expect(() => createSecretBox('')).toThrow(/not empty/);
  });
});
