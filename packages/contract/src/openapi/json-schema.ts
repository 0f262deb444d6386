export type JsonSchema = { readonly [keyword: string]: unknown };

export function isObjectSchema(schema: JsonSchema): boolean {
  return isSchema(schema.properties);
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
