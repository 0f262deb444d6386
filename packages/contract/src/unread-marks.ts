export const unreadMarks = {};
