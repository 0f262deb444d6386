export const guidanceRules = {};
