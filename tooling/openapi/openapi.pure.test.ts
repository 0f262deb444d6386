import { readFileSync } from 'node:fs';
import { GROUPS } from '@parley/contract/openapi/groups';
import { validate } from '@readme/openapi-parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ARTIFACT, artifactText } from './artifact.ts';
import { findStaleness } from './staleness.ts';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  parameters?: { in?: string; name?: string; description?: string }[];
  responses: Json;
}
interface Document {
  openapi: string;
  info: Json;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
}

const expected = artifactText();
/** A copy: a validator may resolve references in place. */
const read = (): Document => JSON.parse(expected);
const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap((path) => Object.values(path));

const VALIDATORS: Readonly<Record<string, (document: object) => Promise<boolean>>> = {
  '@seriousme/openapi-schema-validator': async (document) =>
    (await new Validator().validate({ ...document })).valid,
  // It takes the type of a document it has yet to check.
  '@readme/openapi-parser': async (document) => (await validate(document as never)).valid,
};

describe('the committed document', () => {
  it('is what the contract says now', () => {
    expect(findStaleness(readFileSync(ARTIFACT, 'utf8'), expected)).toBeUndefined();
  });

  it('is called stale with the command that helps, and where', () => {
    const report = findStaleness(expected.replace('"title": "Parley"', '"title": "Parlez"'), expected);
    expect(report).toMatch(/stale: run "npm run openapi".*line 4: "title": "Parley"/);
    expect(findStaleness('{}', expected)).toContain('stale');
    expect(findStaleness(`${expected}\n`, expected)).toContain('stale');
  });
});

describe.each(Object.entries(VALIDATORS))('%s', (_name, isValid) => {
  it('finds nothing wrong', async () => {
    expect(await isValid(read())).toBe(true);
  });

  const violations: readonly [string, (document: Document, operation: Operation) => void][] = [
    ['an answer without a description', (_document, { responses }) => Object.assign(responses, { 200: {} })],
    ['a document without a title', ({ info }) => Reflect.deleteProperty(info, 'title')],
    ['a parameter that stands nowhere', (_, { parameters }) => parameters?.push({ name: 'a', in: 'air' })],
    ['a scheme without a type', ({ components }) => (components.securitySchemes.personalApiKey = {})],
    ['a name that is none', ({ components }) => (components.schemas['no name'] = { type: 'object' })],
  ];
  it.each(violations)('finds %s', async (_what, damage) => {
    const document = read();
    const operation = operationsOf(document).find(({ parameters }) => parameters !== undefined);
    if (!operation) throw new Error('No operation has parameters.');
    damage(document, operation);
    expect(await isValid(document)).toBe(false);
  });
});

describe('for generated clients', () => {
  it('operations stay different when their ids become names of functions', () => {
    const names = operationsOf(read()).map(({ operationId }) =>
      operationId.replace(/[._]/g, '').toLowerCase(),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('every reference leads somewhere, and every schema is used', () => {
    const references = [...expected.matchAll(/"\$ref": "#\/components\/(\w+)\/(\w+)"/g)];
    const { components }: { components: Record<string, Json> } = JSON.parse(expected);
    for (const [reference, kind = '', name = ''] of references) {
      expect(components[kind], reference).toHaveProperty(name);
    }
    const used = new Set(references.map(([, , name]) => name));
    expect(Object.keys(components.schemas ?? {}).filter((name) => !used.has(name))).toEqual([]);
  });

  it('no object that has four fields or more is written twice', () => {
    const seen = new Map<string, number>();
    JSON.parse(expected, (_key, value) => {
      const isLarge = Object.keys(value?.properties ?? {}).length >= 4;
      if (isLarge) seen.set(JSON.stringify(value), (seen.get(JSON.stringify(value)) ?? 0) + 1);
      return value;
    });
    expect(seen.size).toBeGreaterThan(20);
    expect([...seen].filter(([, count]) => count > 1)).toEqual([]);
  });

  it('formats are those that generators know', () => {
    const formats = new Set([...expected.matchAll(/"format": "([^"]+)"/g)].map(([, format]) => format));
    expect([...formats].sort()).toEqual(expect.arrayContaining(['date-time', 'uuid']));
    for (const format of formats)
      expect(['binary', 'date', 'date-time', 'email', 'time', 'uri', 'uuid']).toContain(format);
  });

  it('every group of operations says what it is about', () => {
    const groups = new Set(operationsOf(read()).map(({ operationId }) => operationId.split('.')[0]));
    expect([...groups].filter((group) => group === undefined || !(group in GROUPS))).toEqual([]);
  });

  it('every parameter of a query says what it is for', () => {
    const silent: string[] = [];
    for (const { operationId, parameters = [] } of operationsOf(read())) {
      for (const each of parameters) {
        if (each.in === 'query' && !each.description) silent.push(`${operationId} ${each.name}`);
      }
    }
    expect(silent).toEqual([]);
  });
});
