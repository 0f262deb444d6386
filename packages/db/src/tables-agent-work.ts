export type AgentWorkTables = object;

export const AGENT_WORK_PROJECT_TABLES = [] as const satisfies readonly (keyof AgentWorkTables)[];
