export type NotificationsTables = object;

export const NOTIFICATIONS_PROJECT_TABLES = [] as const satisfies readonly (keyof NotificationsTables)[];
