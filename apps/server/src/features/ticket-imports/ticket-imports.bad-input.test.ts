import { IMPORT_PROBLEMS_MAX, ImportedTicket, type TicketImport } from '@parley/contract/ticket-imports';
import type { TSchema } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BadValue, badValues, HUGE } from '../../testing/bad-values.ts';
import { type JsonSchema, placed } from '../../testing/json-schema.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { importLines, lineOf } from './testing.ts';

// Without the types of its fields, which only a walk through all of them asks for.
const declared: TSchema = ImportedTicket;
const schema: JsonSchema = declared;
const all = [...badValues(schema)];

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const lineWith = ({ at, value }: BadValue): string =>
  JSON.stringify(placed(schema, lineOf(), at, value)).replaceAll(JSON.stringify(HUGE), '1e400');

async function importEach(values: readonly BadValue[]): Promise<TicketImport> {
  expect(values.length).toBeLessThan(IMPORT_PROBLEMS_MAX);
  return importLines(app, values.map(lineWith));
}

const placeOf = ({ at, name }: BadValue) => `${at.join('.') || 'the line'} = ${name}`;

describe('lines with one bad value', () => {
  it('that the contract forbids are told with their field and code, and not loaded', async () => {
    const forbidden = all.filter(({ code }) => code !== undefined);
    const { problems, ...rest } = await importEach(forbidden);
    const told = problems.map(({ line, field, code, loaded }) => [line, field, code, loaded]);
    const expected = forbidden.map(({ at, code }, index) => [
      index + 1,
      at.length > 0 ? at.join('__') : null,
      code,
      false,
    ]);
    const wrong = forbidden.flatMap((bad, index) =>
      JSON.stringify(told[index]) === JSON.stringify(expected[index])
        ? []
        : [`${placeOf(bad)}: ${JSON.stringify(problems[index])}`],
    );
    expect(wrong).toEqual([]);
    expect(rest).toMatchObject({ state: 'finished', created: 0, failed: forbidden.length });
    expect(await app.database.kysely.selectFrom('tickets').select('id').execute()).toEqual([]);
  });

  it('that are odd and allowed are loaded, or told with their field', async () => {
    const odd = all.filter(({ code }) => code === undefined);
    const { problems, ...rest } = await importEach(odd);
    const wrong = problems.flatMap(({ line, field, code, detail }) => {
      const bad = odd[line - 1];
      if (!bad) return [`line ${line}: ${code}`];
      return field?.split('__')[0] === bad.at[0] ? [] : [`${placeOf(bad)}: ${field} ${code} ${detail}`];
    });
    expect(wrong).toEqual([]);
    const failed = problems.filter(({ loaded }) => !loaded).length;
    expect(rest).toMatchObject({ state: 'finished', created: odd.length - failed, failed });
    expect(rest.created).toBeGreaterThan(odd.length / 2);
  });
});
