import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildWidget, type WidgetFile } from './build-widget.ts';

const LOADER_MAX = 5000;
const ALL_MAX = 35_000;

let built: Record<WidgetFile, string>;
beforeAll(async () => {
  built = await buildWidget();
});

const kept = (name: WidgetFile) =>
  readFile(new URL(`../../apps/widget/built/${name}`, import.meta.url), 'utf8');
const zipped = (name: WidgetFile) => gzipSync(built[name], { level: 9 }).length;

describe('the scripts of the widget', () => {
  it.each<WidgetFile>(['parley.js', 'frame.js'])(
    '%s is what its sources make; else: npm run widget',
    async (name) => {
      expect((await kept(name)) === built[name]).toBe(true);
    },
  );

  it('are small: the loader 5 kB, all of it 35 kB, zipped', () => {
    expect(zipped('parley.js')).toBeLessThanOrEqual(LOADER_MAX);
    expect(zipped('parley.js') + zipped('frame.js')).toBeLessThanOrEqual(ALL_MAX);
  });

  it('the loader holds no framework', () => {
    expect(/preact|vnode|__H\b/.test(built['parley.js'])).toBe(false);
  });

  it.each<WidgetFile>(['parley.js', 'frame.js'])('%s makes no code out of text', (name) => {
    expect(/\beval\(|new Function\(|document\.write\(/.test(built[name])).toBe(false);
  });

  it('the loader makes no markup out of text', () => {
    expect(/innerHTML|insertAdjacentHTML/.test(built['parley.js'])).toBe(false);
  });

  it('holds no path of where it was built', () => {
    for (const code of Object.values(built)) expect(/["'`]\/[\w/.-]+\.tsx?["'`]/.test(code)).toBe(false);
  });
});
