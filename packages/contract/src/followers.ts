export const followers = {};
