export const tagManagement = {};
