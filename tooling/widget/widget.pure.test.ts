import { glob, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildWidget } from './build-widget.ts';

const LOADER_MAX = 5000;
const ALL_MAX = 35_000;
const FOLDER = new URL('../../apps/widget/built/', import.meta.url);

let built: Map<string, string>;
beforeAll(async () => {
  built = await buildWidget();
});

const codeOf = (name: string) => built.get(name) ?? '';
const zipped = (name: string) => gzipSync(codeOf(name), { level: 9 }).length;

describe('the scripts of the widget', () => {
  it('are what their sources make; else: npm run widget', async () => {
    const names: string[] = [];
    for await (const name of glob('**/*.{js,d.ts}', { cwd: FOLDER })) names.push(name);
    expect(names.sort()).toEqual([...built.keys()].sort());
    for (const [name, code] of built) {
      const isSame = (await readFile(new URL(name, FOLDER), 'utf8')) === code;
      expect([name, isSame]).toEqual([name, true]);
    }
  });

  it('are small: the loader 5 kB, all of it 35 kB, zipped', () => {
    expect(zipped('parley.js')).toBeGreaterThan(1000);
    expect(zipped('parley.js')).toBeLessThanOrEqual(LOADER_MAX);
    expect(zipped('parley.js') + zipped('frame.js')).toBeLessThanOrEqual(ALL_MAX);
  });

  it('the loader holds no framework, and makes no markup out of text', () => {
    expect(/preact|vnode|__H\b/.test(codeOf('parley.js'))).toBe(false);
    expect(/innerHTML|insertAdjacentHTML/.test(codeOf('parley.js'))).toBe(false);
  });

  it('make no code out of text, and hold no path of where they were built', () => {
    for (const code of built.values()) {
      expect(/\beval\(|new Function\(|document\.write\(/.test(code)).toBe(false);
      expect(/["'`]\/[\w/.-]+\.tsx?["'`]/.test(code)).toBe(false);
    }
  });
});

it('the package gives the same widget to pages that bundle it', async () => {
  const { exports } = JSON.parse(await readFile(new URL('../package.json', FOLDER), 'utf8'));
  expect(exports['.']).toEqual({ types: './built/types/loader/parley.d.ts', default: './built/module.js' });
  expect(codeOf('module.js')).toMatch(/export\s*\{\s*\w+ as Parley\s*\}/);
  expect(codeOf('types/loader/parley.d.ts')).toContain('sendMessage(message: string');
});
