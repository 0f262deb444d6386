import { assertValid } from '#platform/http/validator.ts';

interface ObjectSchema {
  properties?: Record<string, ObjectSchema>;
  items?: ObjectSchema;
}

/** Fields a value has and its schema does not, or the other way round; their paths. */
function differences(schema: ObjectSchema, value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      schema.items ? differences(schema.items, item, `${path}[${index}]`) : [],
    );
  }
  if (typeof value !== 'object' || value === null || !schema.properties) return [];
  const declared = Object.keys(schema.properties);
  const found = Object.keys(value);
  return [
    ...declared.filter((key) => !found.includes(key)).map((key) => `${path}.${key} is missing`),
    ...found.filter((key) => !declared.includes(key)).map((key) => `${path}.${key} is not declared`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const field = schema.properties?.[key];
      return field ? differences(field, item, `${path}.${key}`) : [];
    }),
  ];
}

/**
 * JSON that the database writes goes out unfiltered, so a test holds it against the declared schema: the same fields,
 * of the declared types. Returns what differs.
 */
export function shapeErrors(schema: object, value: unknown): string[] {
  assertValid(schema, value);
  return differences(schema, value, '');
}
