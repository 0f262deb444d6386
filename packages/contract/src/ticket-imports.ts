export const ticketImports = {};
