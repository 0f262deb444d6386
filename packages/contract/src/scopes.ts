import type { Credentials } from './route.ts';

/** `:write` covers `:read`, and `ticket:write` covers `ticket:reply` (decisions.md 30). */
function impliedScopes(scope: string): string[] {
  if (scope === 'ticket:write') return ['ticket:write', 'ticket:reply', 'ticket:read'];
  return scope.endsWith(':write') ? [scope, scope.replace(/:write$/, ':read')] : [scope];
}

/** Whether a personal API key with these scopes may call a route with these credentials. */
export function isGranted(scopes: readonly string[], credentials: Credentials): boolean {
  if (credentials === 'any' || credentials === 'public') return true;
  if (credentials === 'trusted') return scopes.includes('*');
  // A session, a project's secret or another token opens these, and no key.
  if (typeof credentials === 'string') return false;
  if (scopes.includes('*')) return true;
  const granted = scopes.flatMap(impliedScopes);
  return credentials.some((scope) => granted.includes(scope));
}
