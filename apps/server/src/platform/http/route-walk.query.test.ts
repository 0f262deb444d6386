import type { RouteDeclaration } from '@parley/contract/route';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldOf, undocumented } from '../../testing/answer-faults.ts';
import type { JsonSchema } from '../../testing/json-schema.ts';
import { createWalk, named, pathTo, ROUTES, VISITOR, type Walk } from '../../testing/route-walk.ts';
import type { Things } from '../../testing/tenant-things.ts';
import type { TestResponse } from '../../testing/test-app.ts';

let walk: Walk;
let base: string;
beforeAll(async () => {
  walk = await createWalk();
  base = await walk.app.listen();
});
afterAll(() => walk.app.close());

/** Escaped as they are sent. */
const ANY = ['', '-1', '1e400', '9223372036854775808', 'a%00b', '%ff%ED%A0%80%zz', '%F0%9F%8E%89'];
const NUMBERS = ['0', '1.5', '9'.repeat(400)];
const TEXTS = [
  ...["%5C'%22%25_;--$1", '%5B%22x%22,null,%5B%5D%5D', '%5B'.repeat(3000), 'x'.repeat(10_000), '__proto__'],
  ...['2026-02-30', '9999-12-31', '-99999999d', '01900000-0000-7000-8000-000000000000', 'eyJhIjoxfQ'],
  ...['me,unassigned,,user:2147483648', '2026-01-01T00:00:00.000Z_01900000-0000-7000-8000-000000000000'],
];

/** Without these a route answers nothing. */
const REQUIRED: Readonly<Record<string, (things: Things) => Record<string, string>>> = {
  'comments.list': ({ tickets = '' }) => ({ scope: 'conversations_ticket', item_id: tickets }),
};

function parametersOf(route: RouteDeclaration): [name: string, schema: JsonSchema][] {
  const { properties = {} }: JsonSchema = route.query ?? {};
  return Object.entries(properties);
}

/** Of a stream no more than its head: it does not end. */
async function openStream(route: RouteDeclaration, path: string): Promise<TestResponse<unknown>> {
  const { key } = await walk.openerOf(route, path);
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${base}${path}`, { headers });
  const { status } = response;
  const text = status === 200 ? '' : await response.text();
  if (status === 200) await response.body?.cancel();
  const type = { 'content-type': response.headers.get('content-type') };
  return { status, text, headers: type, body: text === '' ? undefined : JSON.parse(text) };
}

async function send(route: RouteDeclaration, query: string): Promise<TestResponse<unknown>> {
  // The parameter that comes last counts.
  const needed = new URLSearchParams(route.errors === 'widget' ? VISITOR : REQUIRED[route.id]?.(walk.ours));
  const path = `${pathTo(route, walk.ours)}?${needed}&${query}`;
  if (route.stream) return openStream(route, path);
  if (!route.consumes) return walk.send(route, path);
  return walk.send(route, path, { headers: { 'content-type': route.consumes }, body: 'no line\n' });
}

/** Answered as declared, or refused for this parameter. */
async function faultOf(route: RouteDeclaration, name: string, query: string): Promise<string[]> {
  const answer = await send(route, query);
  const fault = undocumented(route, answer);
  const said = `${query.slice(0, 60)}: ${fault ?? `${answer.status} ${answer.text.slice(0, 200)}`}`;
  if (fault !== undefined) return [said];
  if (answer.status < 300) return [];
  // Some of a visitor's fields are wrong only together, and a signature that is not good is no mistake.
  const names = route.errors === 'widget' ? [name, 'non_field_errors'] : [name];
  const isForbidden = route.errors === 'widget' && answer.status === 403;
  const isNamed = answer.status === 400 && names.includes(String(fieldOf(route, answer.body)));
  return isNamed || isForbidden ? [] : [said];
}

describe.each(named(ROUTES.filter((route) => route.query)))('%s', (_id, route) => {
  it.each(parametersOf(route))('answers whatever %s holds, or names it', async (name, schema) => {
    const values = [...ANY, ...(schema.type === 'integer' ? NUMBERS : TEXTS)].map(
      (value) => `${name}=${value}`,
    );
    const repeated = [`${name}=x&${name}=-1&${name}[]=x`];
    const faults: string[] = [];
    for (const query of [...values, ...repeated]) faults.push(...(await faultOf(route, name, query)));
    expect(faults).toEqual([]);
  });
});
