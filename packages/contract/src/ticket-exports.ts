export const ticketExports = {};
