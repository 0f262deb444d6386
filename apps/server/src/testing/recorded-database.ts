import type { Database } from '@parley/db/database';
import { type KyselyPlugin, PostgresQueryCompiler } from 'kysely';

/**
 * The same database, telling every statement it is given. The server gets this one and the test keeps the other, so
 * that what is recorded is the server's alone.
 */
export function recordStatements(database: Database, onStatement: (sql: string) => void): Database {
  const compiler = new PostgresQueryCompiler();
  const recording: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      onStatement(compiler.compileQuery(node, queryId).sql);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const { kysely, aside } = database;
  return {
    ...database,
    kysely: kysely.withPlugin(recording),
    ...(aside ? { aside: aside.withPlugin(recording) } : {}),
  };
}
