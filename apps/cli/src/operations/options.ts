import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Field } from './field.ts';
import { assemble, toValue, toValues } from './value.ts';

export interface FieldOptions {
  /** What a query or body was given by options; undefined where nothing was. */
  read(place: Field['place'], given: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined;
  /** The option of a field at the top of a query or body. */
  flagOf(place: Field['place'], name: string): string;
}

/** Gives a command an option for each field. Where a flag is taken, the field's begins with `--body-` or `--query-`. */
export function addFieldOptions(command: Command, fields: readonly Field[]): FieldOptions {
  const taken = new Set(['help', ...command.options.flatMap(({ long }) => long?.slice(2) ?? [])]);
  const bound = fields.map((field) => {
    const name = field.path.map(kebabCase).join('.');
    const flag = taken.has(name) ? `${field.place}-${name}` : name;
    taken.add(flag).add(`no-${flag}`);
    const [option, negation] = toOptions(field, flag);
    command.addOption(option);
    if (negation) command.addOption(negation);
    return { field, flag: `--${flag}`, key: option.attributeName() };
  });
  return {
    read(place, given) {
      const own = bound.filter(({ field, key }) => field.place === place && given[key] !== undefined);
      return assemble(own.map(({ field, key }) => [field, toValues(field, readGiven(given[key]))]));
    },
    flagOf: (place, name) =>
      bound.find(({ field }) => field.place === place && field.path.join('.') === name)?.flag ?? '--body',
  };
}

/** The same without fields that a command has options of its own for. */
export function otherFields(fields: readonly Field[], known: readonly string[]): Field[] {
  return fields.filter(({ path }) => !known.includes(path[0] ?? ''));
}

/** What the parsers below left: texts as they were written, which were checked then. */
function readGiven(value: unknown): string | string[] | boolean {
  if (typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.map(String) : String(value);
}

function toOptions(field: Field, flag: string): [Option, Option?] {
  const isSwitch = field.kind === 'boolean' && !field.isNullable;
  const remarks = [
    field.isRequired ? 'required' : '',
    field.isRepeatable ? 'repeatable' : '',
    field.isNullable ? 'none: null' : '',
    isSwitch ? `--no-${flag}: false` : '',
  ].filter(Boolean);
  const description = `${field.description}${remarks.length > 0 ? ` (${remarks.join('; ')})` : ''}`.trim();
  if (isSwitch) return [new Option(`--${flag}`, description), new Option(`--no-${flag}`).hideHelp()];
  const option = new Option(`--${flag} <${field.placeholder}>`, description);
  if (field.choices) option.choices(field.isNullable ? [...field.choices, 'none'] : field.choices);
  // Commander turns null into an empty text, so the texts are kept, and read when the command runs.
  option.argParser((text: string, earlier: unknown) => {
    if (!(field.isRepeatable && (text === '' || text === 'none'))) toValue(field, text);
    if (field.isRepeatable) return [...(Array.isArray(earlier) ? earlier : []), text];
    if (earlier !== undefined) throw new InvalidArgumentError('It is given twice.');
    return text;
  });
  return [option];
}

/** `snoozed_until` and `tagsMatch` as words of a command. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}
