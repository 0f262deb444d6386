import Type, { type Static, type TSchema } from 'typebox';

/** A string out of a closed list, as plain JSON Schema. */
export function StringEnum<const T extends readonly string[]>(values: T, options: object = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}

/** The same schema, or null. Written with a type list, so that a validation error stays on the field itself. */
export function Nullable<T extends TSchema>(schema: T) {
  const plain: { type?: unknown; enum?: unknown[] } = { ...schema };
  return Type.Unsafe<Static<T> | null>({
    ...plain,
    type: [plain.type, 'null'],
    ...(plain.enum ? { enum: [...plain.enum, null] } : {}),
  });
}

/** ISO 8601 UTC with `Z` and three fractional digits (decisions.md 13). */
export const Instant = Type.String({ format: 'date-time' });

/** An instant as a client may write it: any ISO 8601 date and time; without an offset it is UTC. */
export const InstantInput = Type.String({ format: 'instant', maxLength: 64 });

export const Uuid = Type.String({ format: 'uuid' });

/** Text that must hold something besides blanks. Reported as `blank`. */
export function NonBlank(maxLength: number, options: object = {}) {
  return Type.String({ maxLength, pattern: '\\S', ...options });
}

export const JsonObject = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
});

/** Any JSON value. */
export const AnyJson = Type.Unsafe<unknown>({});

/** Any JSON value but null, as a client writes it. */
export const NonNullJson = Type.Unsafe<unknown>({ type: ['object', 'array', 'string', 'number', 'boolean'] });

/** Limit/offset page (tickets-api.md 1.5); with `cursor=` the links carry cursors. */
export function Page<T extends TSchema>(item: T) {
  return Type.Object({
    count: Type.Integer(),
    next: Nullable(Type.String()),
    previous: Nullable(Type.String()),
    results: Type.Array(item),
    count_capped: Type.Optional(Type.Literal(true)),
  });
}

/** A number in a query: documented as one, and still the text that it arrives as. */
export function IntegerText(options: object = {}) {
  return Type.Unsafe<string>({ type: 'integer', ...options });
}

/** Query parameters arrive as text; what is invalid falls back (tickets-api.md 1.5), so none is refused here. */
export const PageQuery = {
  limit: Type.Optional(
    IntegerText({ description: 'Page size. Missing, zero, negative or not a number: the default.' }),
  ),
  offset: Type.Optional(IntegerText({ description: 'Rows to skip.' })),
};

export type PageOf<T> = {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
  count_capped?: true;
};
