export const viewCounts = {};
