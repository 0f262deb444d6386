import { describe, expect, it } from 'vitest';
import { LAUNCHER } from '../loader/launcher-texts.ts';
import { LANGUAGES, textsOf } from './languages.ts';
import { en, type TextName } from './texts.ts';

const names = Object.keys(en) as TextName[];
const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

describe('texts of the widget', () => {
  it('are there in all languages, of the button too', () => {
    expect([...LANGUAGES].sort()).toEqual(Object.keys(LAUNCHER).sort());
    expect(LANGUAGES).toHaveLength(7);
  });

  it.each(LANGUAGES.filter((language) => language !== 'en'))(
    '%s says everything, with the same holes',
    (language) => {
      const texts = textsOf(language, {});
      for (const name of names) {
        expect(texts[name], name).not.toBe('');
        expect(holes(texts[name]), name).toEqual(holes(en[name]));
      }
      // Few words are the same in two languages.
      expect(names.filter((name) => texts[name] === en[name]).length).toBeLessThan(5);
    },
  );

  it('those of the page come first, as far as they are texts', () => {
    expect(textsOf('de', { send: 'Ab', close: 5 })).toMatchObject({ send: 'Ab', close: 'Schließen' });
  });
});
