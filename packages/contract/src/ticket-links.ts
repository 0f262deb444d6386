export const ticketLinks = {};
