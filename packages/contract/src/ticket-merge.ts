export const ticketMerge = {};
