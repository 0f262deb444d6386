import { contract } from '@parley/contract/contract';
import type { RouteDeclaration } from '@parley/contract/route';

/** What the SDK reads of a declaration (OperationDeclaration in packages/sdk/src/request.ts). */
function slim({ id, method, path, idempotent, stream, produces, credentials }: RouteDeclaration): object {
  const own = credentials === 'public_token' ? { credentials } : {};
  return { id, method, path, idempotent, stream, produces, ...own };
}

/** Stand-ins, by specifier, for the modules of the contract that the SDK imports: the same operations without schemas. */
export function slimContract(): Record<string, string> {
  const groups = Object.entries(contract).map(([group, routes]): [string, object] => {
    const own: [string, RouteDeclaration][] = Object.entries(routes);
    return [group, Object.fromEntries(own.map(([name, route]) => [name, slim(route)]))];
  });
  const text = (value: unknown) => JSON.stringify(value);
  const { stream } = contract;
  return {
    '@parley/contract/contract': `export const contract = ${text(Object.fromEntries(groups))};`,
    '@parley/contract/stream': `export const stream = ${text({ events: slim(stream.events) })};`,
  };
}
