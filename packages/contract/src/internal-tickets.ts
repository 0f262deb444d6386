export const internalTickets = {};
