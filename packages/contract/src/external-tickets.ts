export const externalTickets = {};
