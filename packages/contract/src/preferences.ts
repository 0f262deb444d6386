export const preferences = {};
