export const scheduledReplies = {};
