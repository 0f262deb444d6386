export const contentArticles = {};
