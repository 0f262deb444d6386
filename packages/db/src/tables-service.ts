export type ServiceTables = object;

export const SERVICE_PROJECT_TABLES = [] as const satisfies readonly (keyof ServiceTables)[];
