import { InvalidArgumentError } from 'commander';
import { parseAssignee } from '../arguments.ts';
import type { Field } from './field.ts';

/** What a person wrote for a field, as the API takes it. Throws what is wrong with it. */
export function toValue(field: Field, text: string): unknown {
  if (field.isNullable && text === 'none') return null;
  switch (field.kind) {
    case 'text':
      return chosen(field, text);
    case 'number':
      if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) throw new InvalidArgumentError('It is a number.');
      return Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It is true or false.');
      return text === 'true';
    case 'json':
      return parseJson(text, refuseJson);
    case 'assignee': {
      if (text.startsWith('{') || text === 'null') return parseJson(text, refuseJson);
      const assignee = parseAssignee(text);
      return assignee === 'none' ? null : assignee;
    }
    case 'any':
      return parseJson(text, () => text);
  }
}

function chosen({ choices }: Field, text: string): string {
  if (choices && !choices.includes(text)) {
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  }
  return text;
}

function refuseJson(): never {
  throw new InvalidArgumentError('It is JSON, in quotes for the shell: \'{"a": 1}\'.');
}

function parseJson(text: string, otherwise: () => unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise();
  }
}

/** All values of one field: a list without its empty ones, so that `--tags ''` says "no tags". */
export function toValues(field: Field, given: string | readonly string[] | boolean): unknown {
  if (typeof given === 'boolean') return given;
  if (typeof given === 'string') return toValue(field, given);
  if (field.isNullable && given.join() === 'none') return null;
  return given.filter((text) => text !== '').map((text) => toValue(field, text));
}

/** The object that the given values make up; undefined where none is given. Parts are laid over the whole. */
export function assemble(
  values: readonly (readonly [Field, unknown])[],
): Record<string, unknown> | undefined {
  if (values.length === 0) return undefined;
  const assembled: Record<string, unknown> = {};
  for (const [{ path }, value] of values) {
    const [name = '', part] = path;
    const whole = assembled[name];
    const known = typeof whole === 'object' && whole !== null ? whole : {};
    assembled[name] = part === undefined ? value : { ...known, [part]: value };
  }
  return assembled;
}
