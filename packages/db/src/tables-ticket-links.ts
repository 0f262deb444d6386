export type TicketLinksTables = object;

export const TICKET_LINKS_PROJECT_TABLES = [] as const satisfies readonly (keyof TicketLinksTables)[];
