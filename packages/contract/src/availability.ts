export const availability = {};
