import { describe, expect, it } from 'vitest';
import { safeLink, safePicture } from './links.ts';
import { plainText } from './markdown.tsx';

describe('links of messages', () => {
  it.each(['https://a.org/x?y#z', 'http://a.org', 'mailto:a@b.org', 'tel:+4930123'])(
    '%s is followed',
    (link) => {
      expect(safeLink(link)).toBe(link);
    },
  );

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    '\u0001javascript:alert(1)',
    'java\u200bscript:alert(1)',
    'vbscript:x',
    'data:text/html,x',
    'file:///etc/passwd',
    '//evil.org',
    'blob:https://a.org/1',
    'x',
    '',
    'https://',
    5,
    null,
  ])('%j is not', (link) => {
    expect(safeLink(link)).toBeUndefined();
  });

  it('pictures come from the web alone', () => {
    expect(safePicture('https://a.org/b.png')).toBe('https://a.org/b.png');
    for (const source of ['data:image/png;base64,x', 'mailto:a@b.org', 'cid:1'])
      expect(safePicture(source)).toBeUndefined();
  });

  it('the beginning of a message is told without its marks', () => {
    expect(plainText('**Hi** `you`\n![a.png](https://x) [b](https://y)')).toBe('Hi you a.png b');
  });
});
