export const messageExtras = {};
