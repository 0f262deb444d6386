export type ReportsTables = object;

export const REPORTS_PROJECT_TABLES = [] as const satisfies readonly (keyof ReportsTables)[];
