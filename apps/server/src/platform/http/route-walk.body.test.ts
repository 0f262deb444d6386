import type { RouteDeclaration } from '@parley/contract/route';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultOf } from '../../testing/answer-faults.ts';
import { type BadValue, badValues, HUGE } from '../../testing/bad-values.ts';
import { type JsonSchema, placed } from '../../testing/json-schema.ts';
import { createWalk, named, ROUTES, type Walk } from '../../testing/route-walk.ts';
import type { Things } from '../../testing/tenant-things.ts';
import type { TestResponse } from '../../testing/test-app.ts';
import { addBodyThings, bodyPath, openChannels, validBody } from '../../testing/valid-bodies.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

interface Answered {
  bad: BadValue;
  answer: TestResponse<unknown>;
}

let walk: Walk;
let things: Things;
beforeAll(async () => {
  walk = await createWalk();
  things = await addBodyThings(walk);
});
beforeEach(() => openChannels(walk));
afterAll(() => walk.app.close());

const schemaOf = (route: RouteDeclaration): JsonSchema => route.body ?? {};

function send(route: RouteDeclaration, body: unknown): Promise<TestResponse<unknown>> {
  const text = JSON.stringify(body).replaceAll(JSON.stringify(HUGE), '1e400');
  return walk.send(route, bodyPath(route, things), { headers: JSON_TYPE, body: text });
}

async function sendEach(route: RouteDeclaration, values: readonly BadValue[]): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const bad of values) {
    const body = placed(schemaOf(route), validBody(route, things), bad.at, bad.value);
    answers.push({ bad, answer: await send(route, body) });
  }
  return answers;
}

function faultsOf(route: RouteDeclaration, answers: readonly Answered[]): string[] {
  return answers.flatMap(({ bad, answer }) => {
    const fault = faultOf(route, bad, answer);
    return fault === undefined ? [] : [`${bad.at.join('.') || 'the body'} = ${bad.name}: ${fault}`];
  });
}

describe.each(named(ROUTES.filter((route) => route.body)))('%s', (_id, route) => {
  const all = [...badValues(schemaOf(route))];

  it('names the field of each value that the contract forbids, and changes nothing', () =>
    walk.unchanged(async () => {
      const forbidden = all.filter((bad) => bad.code !== undefined);
      expect(faultsOf(route, await sendEach(route, forbidden))).toEqual([]);
    }));

  it('takes or refuses each value that is odd and allowed', async () => {
    const first = await send(route, validBody(route, things));
    const odd = all.filter((bad) => bad.code === undefined);
    const answers = await sendEach(route, odd);
    const statuses = [first, ...answers.map(({ answer }) => answer)].map(({ status }) => status);
    expect(statuses.some((status) => status < 300)).toBe(true);
    // What can be done only once is refused by now, whatever else the body holds.
    const again = await send(route, validBody(route, things));
    const own = answers.filter(({ answer }) => answer.status >= 500 || answer.text !== again.text);
    expect(faultsOf(route, own)).toEqual([]);
    const refused = own.filter(({ answer }) => answer.status === 400).map(({ bad }) => bad);
    if (refused.length > 0) await walk.unchanged(async () => void (await sendEach(route, refused)));
  });
});
