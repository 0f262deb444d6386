/** What to tell whoever changed the contract and not the artifact; undefined while the two agree. */
export function findStaleness(committed: string, expected: string): string | undefined {
  if (committed === expected) return undefined;
  const expectedLines = expected.split('\n');
  const line = committed.split('\n').findIndex((text, index) => text !== expectedLines[index]);
  return (
    'packages/contract/openapi.json is stale: run "npm run openapi" and commit it. ' +
    `First difference in line ${line + 1}: ${expectedLines[line]?.trim() ?? 'the end of the file'}`
  );
}
