export type AuditTables = object;

export const AUDIT_PROJECT_TABLES = [] as const satisfies readonly (keyof AuditTables)[];
