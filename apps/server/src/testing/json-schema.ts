/** What of JSON Schema the contract uses for what clients send. */
export interface JsonSchema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  title?: string;
  description?: string;
  default?: unknown;
}

/** Where in a body: names of fields, and `0` for the first element of a list. */
export type Place = readonly string[];

/** Types a schema names; none: any JSON. */
export function typesOf({ type }: JsonSchema): readonly string[] {
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : type;
}

/** The schema of a field, as far as there is one. */
function below(schema: JsonSchema, step: string): JsonSchema {
  const { properties = {}, additionalProperties, items = {} } = schema;
  if (typesOf(schema).includes('array')) return items;
  return properties[step] ?? (typeof additionalProperties === 'object' ? additionalProperties : {});
}

const TEXTS: Readonly<Record<string, string>> = {
  uuid: '01900000-0000-7000-8000-000000000000',
  email: 'walk@example.com',
  instant: '2026-06-01T00:00:00Z',
};

/** The n-th of a list's elements, all of them different. */
export function elements({ items = {} }: JsonSchema, count: number): unknown[] {
  const first = valid(items);
  if (typeof first !== 'string' || items.enum) return Array.from({ length: count }, () => first);
  const digits = (n: number) => String(n).padStart(6, '0');
  return Array.from({ length: count }, (_, n) =>
    items.format === 'email' ? `${digits(n)}${first}` : `${first.slice(0, -6)}${digits(n)}`,
  );
}

/** The least that a schema takes. */
export function valid(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [type] = typesOf(schema);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'array') return elements(schema, schema.minItems ?? 0);
  if (type === 'object')
    return Object.fromEntries((schema.required ?? []).map((name) => [name, valid(below(schema, name))]));
  return TEXTS[schema.format ?? ''] ?? 'walked'.slice(0, schema.maxLength);
}

/** A body with a value at one place; what leads there is made where it is missing. Undefined takes the field away. */
export function placed(schema: JsonSchema, base: unknown, at: Place, value: unknown): unknown {
  const [step, ...rest] = at;
  if (step === undefined) return value;
  const inner = below(schema, step);
  const found = isObject(base) ? Object.entries(base).find(([name]) => name === step)?.[1] : undefined;
  const next = placed(inner, rest.length > 0 ? (found ?? valid(inner)) : undefined, rest, value);
  if (typesOf(schema).includes('array')) return [next, ...(Array.isArray(base) ? base.slice(1) : [])];
  return { ...(isObject(base) ? base : {}), [step]: next };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
