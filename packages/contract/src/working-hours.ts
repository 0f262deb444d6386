export const workingHours = {};
