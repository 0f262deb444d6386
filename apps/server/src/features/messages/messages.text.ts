export { firstCharacters } from '#platform/text.ts';
