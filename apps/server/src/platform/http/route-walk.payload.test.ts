import type { RouteDeclaration } from '@parley/contract/route';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultOf, undocumented } from '../../testing/answer-faults.ts';
import { createWalk, named, ROUTES, type Walk } from '../../testing/route-walk.ts';
import type { Things } from '../../testing/tenant-things.ts';
import { addBodyThings, bodyPath, openChannels, validBody } from '../../testing/valid-bodies.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';

let walk: Walk;
let things: Things;
beforeAll(async () => {
  walk = await createWalk();
  things = await addBodyThings(walk);
});
beforeEach(() => openChannels(walk));
afterAll(() => walk.app.close());

type Payload = readonly [name: string, type: string, payload: string | Buffer, status: number];

/** What no route that takes JSON, and no route without a body, can read. */
const UNREADABLE: readonly Payload[] = [
  ['half of an object', JSON_TYPE, '{"a":', 400],
  ['bytes', JSON_TYPE, Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]), 400],
  ['65 levels', JSON_TYPE, `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 400],
  ['plain text', 'text/plain', '{}', 415],
  ['files', 'multipart/form-data; boundary=x', '--x--', 415],
  ['no type', '', '{}', 415],
];
const NO_OBJECT: readonly Payload[] = ['null', '[]', '[{}]', '"x"', '5', 'true'].map(
  (text) => [text, JSON_TYPE, text, 400] as const,
);

/** All that is not as it should be with answers to these; each must be an error with its status. */
async function faultsOf(route: RouteDeclaration, payloads: readonly Payload[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, type, body, status] of payloads) {
    const headers = { 'content-type': type };
    const answer = await walk.send(route, bodyPath(route, things), { headers, body });
    const fault = undocumented(route, answer);
    if (fault !== undefined) faults.push(`${name}: ${fault}`);
    else if (answer.status !== status) faults.push(`${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  return faults;
}

const takesJson = ({ method, consumes }: RouteDeclaration) => method !== 'GET' && consumes === undefined;

describe.each(named(ROUTES.filter(takesJson)))('%s', (_id, route) => {
  it('refuses what it cannot read, and changes nothing', () =>
    walk.unchanged(async () => {
      expect(await faultsOf(route, UNREADABLE)).toEqual([]);
      if (!route.body) return;
      expect(await faultsOf(route, NO_OBJECT)).toEqual([]);
      if (!route.form) expect(await faultsOf(route, [['a form', FORM, 'a=1', 415]])).toEqual([]);
    }));
});

const BROKEN = ['%ff%zz%ED%A0%80', '', '{"a":', '[null]', '1e400', 'x'.repeat(20_000)];

describe.each(named(ROUTES.filter((route) => route.form && route.body)))('%s as a form', (_id, route) => {
  const fields = Object.keys((route.body as { properties?: object }).properties ?? {});

  async function send(field: string, value: string) {
    const body = Object.entries(validBody(route, things)).filter(([name]) => name !== field);
    const rest = body.map(([name, each]) => {
      const text = typeof each === 'string' ? each : JSON.stringify(each);
      return `${name}=${encodeURIComponent(text)}`;
    });
    const form = [...rest, `${field}=${value}`].join('&');
    return walk.send(route, bodyPath(route, things), { form });
  }

  it('names the field that holds what cannot be stored, and changes nothing', () =>
    walk.unchanged(async () => {
      for (const field of fields) {
        const bad = { at: [field], code: 'null_characters_not_allowed' } as const;
        expect([field, faultOf(route, bad, await send(field, 'a%00b'))]).toEqual([field, undefined]);
      }
    }));

  it('takes or refuses fields that are broken, empty or repeated', async () => {
    const faults: string[] = [];
    for (const field of fields) {
      for (const value of [...BROKEN, `x&${field}=%5B`, `&${field}=&${field}[]=1`]) {
        const fault = undocumented(route, await send(field, value));
        if (fault !== undefined) faults.push(`${field}=${value.slice(0, 30)}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
});
