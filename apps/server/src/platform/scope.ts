import type { Scope } from '@parley/contract/route';
import { isGranted } from '@parley/contract/scopes';
import type { Actor } from './actor.ts';
import { forbidden } from './api-error.ts';

/** 403 for a key without a scope, where only some requests of a route need it: its declaration names the least. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.kind !== 'key' || isGranted(actor.scopes, [scope])) return;
  throw forbidden(`API key missing required scope '${scope}'.`);
}
