/** The beginning of a text, counted as the database counts it: a character outside the BMP is one, never half. */
export function firstCharacters(text: string, count: number): string {
  return text.length <= count ? text : [...text.slice(0, 2 * count)].slice(0, count).join('');
}
