export { presentUser, userJson } from './users.sql.ts';
