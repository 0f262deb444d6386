export const ticketBulk = {};
