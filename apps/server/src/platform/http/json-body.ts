import { ApiError } from '#platform/api-error.ts';

const MAX_DEPTH = 64;

/**
 * How deep a JSON text nests, stopping at the limit. Looked at before parsing: a megabyte of brackets must not reach
 * code that recurses.
 */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return false;
}

/** NUL cannot be stored as text, and a lone surrogate not as JSON. */
const SUSPICIOUS = /\\u0000|\\u[dD][89a-fA-F]/;

/** The field at `path` holds what no column can. */
export function nullCharacters(path: readonly string[]): ApiError {
  return new ApiError('null_characters_not_allowed', 'Null characters are not allowed.', attrOf(path));
}

function attrOf(path: readonly string[]): { attr?: string } {
  return path.length > 0 ? { attr: path.join('__') } : {};
}

/** What would be stored as null. */
function tooGreat(path: readonly string[]): ApiError {
  return new ApiError('max_value', 'The number is too great.', attrOf(path));
}

function clean(value: unknown, path: readonly string[]): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw tooGreat(path);
  if (typeof value === 'string') {
    if (value.includes('\0')) throw nullCharacters(path);
    return value.toWellFormed();
  }
  if (Array.isArray(value)) return value.map((item, index) => clean(item, [...path, String(index)]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [clean(key, path), clean(item, [...path, key])]),
    );
  }
  return value;
}

/** What a page says is taken as far as it can be stored: no error would reach anybody who could mend it. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isClean = Object.keys(value).every((key) => key.isWellFormed() && !key.includes('\0'));
  if (isClean) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [String(storable(key)), item]));
}

/** Parses JSON of a page, with what no column can hold replaced. Undefined for what is no JSON or nests too deep. */
export function parsePageJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text, (key, item: unknown) => (key === '__proto__' ? undefined : storable(item)));
  } catch {
    return undefined;
  }
}

/**
 * Parses a JSON body. An empty one is an empty object, as a form without fields would be. `path` leads to the text,
 * where it is only a part of the body.
 */
export function parseJsonBody(text: string, path: readonly string[] = []): unknown {
  if (text.trim() === '') return {};
  if (isTooDeep(text)) throw new ApiError('parse_error', `JSON nested deeper than ${MAX_DEPTH} levels.`);
  let value: unknown;
  let isUnclean = SUSPICIOUS.test(text);
  try {
    value = JSON.parse(text, (key, item: unknown) => {
      isUnclean ||= item === Number.POSITIVE_INFINITY || item === Number.NEGATIVE_INFINITY;
      // A key that would set a prototype is dropped like any unknown field.
      return key === '__proto__' ? undefined : item;
    });
  } catch {
    throw new ApiError('parse_error', 'JSON parse error.');
  }
  return isUnclean ? clean(value, path) : value;
}
