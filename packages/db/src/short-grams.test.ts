import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let created: TestDatabase;
beforeAll(async () => {
  created = await createTestDatabase();
});
afterAll(() => created.drop());

const letter = fc.oneof(
  fc.constantFrom(...'aab c  é支🦜\n\\%_'),
  fc.string({ unit: 'grapheme', maxLength: 1 }),
);
const text = fc
  .array(letter, { maxLength: 40 })
  .map((letters) => letters.join('').toWellFormed().replaceAll('\0', ''));

/** What 0006-search.sql says of it: characters, neighbours, and each space with two characters on either side. */
function grams(value: string): string[] {
  const letters = [...value];
  const pairs = letters.slice(1).map((one, at) => `${letters[at]}${one}`);
  const spaces = letters.flatMap((one, at) =>
    one === ' ' && at >= 2 && at + 2 < letters.length ? [letters.slice(at - 2, at + 3).join('')] : [],
  );
  return [...new Set([...letters, ...pairs, ...spaces])].sort();
}

test('short_grams are the characters, pairs and spaces of a text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 50 }), async (texts) => {
      const { rows } = await sql<{ grams: string[] }>`
        select short_grams(value) as grams from unnest(${texts}::text[]) with ordinality as t(value, at)
        order by at`.execute(created.database.kysely);
      expect(rows.map((row) => [...new Set(row.grams)].sort())).toEqual(texts.map(grams));
    }),
    { numRuns: 40, seed: 20_261_125 },
  );
});

test('a text holds the keys of every part of it', async () => {
  const part = text
    .filter((whole) => whole.length > 0)
    .chain((whole) => {
      const letters = [...whole];
      return fc
        .tuple(fc.nat(letters.length - 1), fc.integer({ min: 1, max: 8 }))
        .map(([at, length]) => ({ whole, part: letters.slice(at, at + length).join('') }));
    });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 50 }), async (parts) => {
      const { rows } = await sql<{ held: boolean }>`
        select short_grams(t.whole) @> short_keys(t.part) as held
        from unnest(${parts.map(({ whole }) => whole)}::text[], ${parts.map(({ part: one }) => one)}::text[])
          as t(whole, part)`.execute(created.database.kysely);
      expect(rows.every(({ held }) => held)).toBe(true);
    }),
    { numRuns: 40, seed: 20_261_125 },
  );
});
