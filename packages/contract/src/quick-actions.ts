export const quickActions = {};
