export type SearchTables = object;

export const SEARCH_PROJECT_TABLES = [] as const satisfies readonly (keyof SearchTables)[];
