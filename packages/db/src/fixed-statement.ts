import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** Stands for a value while the text is made. */
class Place {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

type Places<Values extends readonly unknown[]> = { [K in keyof Values]: RawBuilder<Values[K]> };

/**
 * A statement whose text is the same whatever its values are, made once instead of for every request. `build` gets a
 * place for each value; it runs before there is one, so nothing in it may depend on them.
 */
export function fixedStatement<Row, Values extends readonly unknown[]>(
  build: (...places: Places<Values>) => RawBuilder<Row>,
): (db: Kysely<Schema>, ...values: Values) => Promise<Row[]> {
  let made: { text: string; order: readonly number[] } | undefined;

  function make(db: Kysely<Schema>) {
    const places = Array.from({ length: build.length }, (_, index) => sql.val(new Place(index)));
    // As many as build takes, each of the type it takes there: the database never sees them.
    const { sql: text, parameters } = build(...(places as unknown as Places<Values>)).compile(db);
    const order = parameters.map((place) => {
      if (place instanceof Place) return place.index;
      throw new Error('A fixed statement holds a value of its own.');
    });
    return { text, order };
  }

  return async (db, ...values) => {
    made ??= make(db);
    const parameters = made.order.map((index) => values[index]);
    return (await db.executeQuery<Row>(CompiledQuery.raw(made.text, parameters))).rows;
  };
}
