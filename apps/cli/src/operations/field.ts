export type FieldKind = 'text' | 'number' | 'boolean' | 'assignee' | 'json' | 'any';

/** One value of a query or body that an option of a command gives. */
export interface Field {
  /** Where it stands in the query or body; longer than one for a part of an object. */
  path: readonly string[];
  place: 'query' | 'body';
  kind: FieldKind;
  isRepeatable: boolean;
  isRequired: boolean;
  /** The word `none` stands for null. */
  isNullable: boolean;
  choices: readonly string[] | undefined;
  /** What the value is called in the help. */
  placeholder: string;
  description: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Parts of parts are given as JSON: nobody types longer flags. `assemble` knows two levels. */
const MAX_DEPTH = 2;
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'date-time': 'time',
  email: 'address',
  instant: 'time',
  uuid: 'uuid',
};

/** The options that a query or body can be given by, in the order of the schema. */
export function fieldsOf(schema: object | undefined, place: Field['place']): Field[] {
  return schema === undefined ? [] : fieldsBelow({ ...schema }, place, []);
}

function fieldsBelow(schema: Schema, place: Field['place'], path: readonly string[]): Field[] {
  return Object.entries(isSchema(schema.properties) ? schema.properties : {}).flatMap(([name, child]) => {
    const own = [...path, name];
    if (!isSchema(child)) return [];
    const parts = isSchema(child.properties) && own.length < MAX_DEPTH ? fieldsBelow(child, place, own) : [];
    const isRequired = path.length === 0 && Array.isArray(schema.required) && schema.required.includes(name);
    return [toField(child, place, own, isRequired), ...parts];
  });
}

function toField(schema: Schema, place: Field['place'], path: readonly string[], isRequired: boolean): Field {
  const types = typesOf(schema);
  const item = types.join() === 'array' && isSchema(schema.items) ? schema.items : undefined;
  const isList = item !== undefined && ['text', 'number'].includes(kindOf(item, ''));
  const value = isList ? item : schema;
  const kind = kindOf(value, path.join('.'));
  const choices = Array.isArray(value.enum)
    ? value.enum.filter((each) => typeof each === 'string' && each)
    : [];
  return {
    path,
    place,
    kind,
    isRepeatable: isList,
    isRequired,
    isNullable: Array.isArray(schema.type) && schema.type.includes('null'),
    choices: kind === 'text' && choices.length > 0 ? choices : undefined,
    placeholder: placeholderOf(value, kind),
    description: typeof schema.description === 'string' ? schema.description : '',
  };
}

/** What is not said by a type is checked by the server, and given as JSON or plain text. */
function kindOf(schema: Schema, name: string): FieldKind {
  const types = typesOf(schema);
  if (types.length === 0 && name === 'assignee') return 'assignee';
  if (types.length !== 1) return 'any';
  const [type] = types;
  if (type === 'string') return 'text';
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'boolean' ? 'boolean' : 'json';
}

function typesOf(schema: Schema): unknown[] {
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type];
  return types.filter((type) => type !== 'null');
}

function placeholderOf(schema: Schema, kind: FieldKind): string {
  if (Array.isArray(schema.enum)) return 'choice';
  if (kind === 'text') return PLACEHOLDERS[String(schema.format)] ?? 'text';
  if (kind === 'boolean') return 'true|false';
  return kind === 'any' ? 'value' : kind;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
