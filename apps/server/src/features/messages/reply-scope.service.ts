import type { ReplyBody } from '@parley/contract/messages';
import type { Scope } from '@parley/contract/route';
import type { Actor } from '#platform/actor.ts';
import { requireScope } from '#platform/scope.ts';

interface Reply {
  is_private?: boolean | undefined;
  set_status?: ReplyBody['set_status'] | null | undefined;
}

/** `ticket:reply` is for words to the customer. Notes and the status are the team's (decisions.md 30). */
export function scopeOfReply({ is_private, set_status }: Reply): Scope {
  return is_private || set_status ? 'ticket:write' : 'ticket:reply';
}

/** Throws 403, naming the scope, when the caller's key may not send this. */
export function requireReplyScope(actor: Actor, reply: Reply): void {
  requireScope(actor, scopeOfReply(reply));
}
