import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery } from './search-query.ts';

const short = (query: string) =>
  parseQuery(query).map(
    ({ operator, value, excluded }) =>
      `${excluded ? '-' : ''}${operator === undefined ? '' : `${operator}=`}${value}`,
  );

describe('parseQuery', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['refund  invoice', ['refund', 'invoice']],
    ['"two words" one', ['two words', 'one']],
    ['"never closed', ['never closed']],
    ['""', []],
    ['-spam', ['-spam']],
    ['-"two words"', ['-two words']],
    ['-', ['-']],
    ['--force', ['--force']],
    ['is:unread', ['is=unread']],
    ['IS:Unread', ['is=Unread']],
    ['-tag:vip', ['-tag=vip']],
    ['tag:"gamma delta" x', ['tag=gamma delta', 'x']],
    ['tag:', ['tag:']],
    ['from:ann@example.com', ['from=ann@example.com']],
    ['https://example.com', ['https=//example.com']],
    ['12:30', ['12:30']],
    ['a:b:c', ['a=b:c']],
    ['Zürich:x', ['Zürich:x']],
  ])('%s', (query, terms) => {
    expect(short(query)).toEqual(terms);
  });

  it('ends, and loses no letter but blanks and quotes, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (query) => {
        const kept = parseQuery(query)
          .map(({ written }) => written)
          .join('');
        const bare = (text: string) => text.replace(/[\s"]/g, '');
        expect(bare(kept).length).toBeLessThanOrEqual(bare(query).length);
        if (!query.includes('"')) expect(bare(kept)).toBe(bare(query));
      }),
    );
  });
});
