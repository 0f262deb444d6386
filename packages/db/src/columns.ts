import type { ColumnType, JSONColumnType } from 'kysely';

export type Instant = ColumnType<Date, Date, Date>;
export type InstantOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>;
export type Json<T extends object> = JSONColumnType<T, string | undefined, string>;
export type Nullable<T> = ColumnType<T | null, T | null | undefined, T | null>;
/** Written by the database only. */
export type Computed<T> = ColumnType<T, never, never>;
