import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { contract } from './contract.ts';
import type { RouteDeclaration } from './route.ts';
import { wire } from './wire.ts';

function isRoute(value: unknown): value is RouteDeclaration {
  return typeof value === 'object' && value !== null && 'id' in value && 'responses' in value;
}

test('every declared route is in the contract or of the wire, under an id of its own', async () => {
  const files = (await readdir(import.meta.dirname)).filter((file) => /^[a-z-]+\.ts$/.test(file));
  const declared: string[] = [];
  for (const file of files.filter((name) => name !== 'contract.ts')) {
    const module: Record<string, unknown> = await import(`./${file}`);
    for (const group of Object.values(module)) {
      if (typeof group !== 'object' || group === null) continue;
      for (const route of Object.values(group)) if (isRoute(route)) declared.push(route.id);
    }
  }
  const groups: Record<string, RouteDeclaration>[] = [...Object.values(contract), wire];
  const registered = groups.flatMap((group) => Object.values(group).map(({ id }) => id));
  expect(registered.length).toBeGreaterThan(50);
  expect(new Set(registered).size).toBe(registered.length);
  expect(registered.toSorted()).toEqual(declared.toSorted());
});
