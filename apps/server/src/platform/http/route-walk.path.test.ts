import type { RouteDeclaration } from '@parley/contract/route';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { undocumented } from '../../testing/answer-faults.ts';
import { createWalk, named, ROUTES, type Walk } from '../../testing/route-walk.ts';
import { fillPath } from '../../testing/tenant-things.ts';
import { validBody } from '../../testing/valid-bodies.ts';

let walk: Walk;
beforeAll(async () => {
  walk = await createWalk();
});
afterAll(() => walk.app.close());

/** None of them names anything: no numbers of rows, no ids, no bytes that are UTF-8. */
const NOTHING = [
  'nothing',
  '-1',
  '1.0',
  '1e400',
  '2147483647',
  '9223372036854775808',
  '9'.repeat(400),
  'urn:uuid:01900000-0000-7000-8000-000000000000',
  '%7B01900000-0000-7000-8000-000000000000%7D',
  'x'.repeat(501),
  '1%00',
  '%zz',
  '%ED%A0%80',
  '%20',
  "1'--%25%5C_",
  '%F0%9F%8E%89',
];

/** The path of a route with this text as one of its parameters. */
function pathWith(route: RouteDeclaration, name: string, text: string): string {
  const marked = { ...route, path: route.path.replace(`:${name}`, '@the_walked_one') };
  return fillPath(marked, walk.ours).replace('@the_walked_one', text);
}

/** What is wrong with the answers where one parameter names nothing. */
async function faultsOf(route: RouteDeclaration, name: string): Promise<string[]> {
  const faults: string[] = [];
  const body = route.body ? { body: validBody(route, walk.ours) } : {};
  for (const text of NOTHING) {
    const answer = await walk.send(route, pathWith(route, name, text), body);
    const fault = undocumented(route, answer);
    // A token names its project: it is the token that is not for this path. A widget is told what no id is.
    const other = { service_token: 401, public_token: 400 }[String(route.credentials)];
    if (fault === undefined && [404, other].includes(answer.status)) continue;
    faults.push(`:${name} = ${text.slice(0, 50)}: ${fault ?? `${answer.status} ${answer.text}`}`);
  }
  return faults;
}

describe.each(named(ROUTES.filter((route) => route.path.includes(':'))))('%s', (_id, route) => {
  it('finds nothing by a broken parameter of its path, and changes nothing', () =>
    walk.unchanged(async () => {
      for (const [, name = ''] of route.path.matchAll(/:(\w+)/g))
        expect(await faultsOf(route, name)).toEqual([]);
    }));
});
