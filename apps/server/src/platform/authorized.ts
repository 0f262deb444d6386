import type { AccessLevel } from '@parley/contract/route';
import { ACCESS_LEVELS } from '@parley/contract/route';
import { forbidden } from './api-error.ts';

declare const granted: unique symbol;

/**
 * A resource together with the proof that the actor may do this to it. Mutations ask for it, and only `authorize`
 * makes it, so a forgotten check does not compile.
 */
export type Authorized<T, Action extends string> = T & { readonly [granted]: Action };

/** Throws 403 unless `allowed`; a policy function decides that (see the *.policy.ts of a feature). */
export function authorize<T, Action extends string>(
  resource: T,
  action: Action,
  allowed: boolean,
): Authorized<T, Action> {
  void action;
  if (!allowed) throw forbidden();
  // The brand exists in types only.
  return resource as Authorized<T, Action>;
}

export function hasAccess(actual: AccessLevel, needed: AccessLevel): boolean {
  return ACCESS_LEVELS.indexOf(actual) >= ACCESS_LEVELS.indexOf(needed);
}
