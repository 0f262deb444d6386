export type WebhooksTables = object;

export const WEBHOOKS_PROJECT_TABLES = [] as const satisfies readonly (keyof WebhooksTables)[];
