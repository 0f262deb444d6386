import { messages } from '@parley/contract/messages';
import type { FastifyReply } from 'fastify';
import type { Binder } from '#platform/http/binder.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import { createDrafter } from './drafter.ts';
import { suggestReply } from './tickets.suggest-reply.ts';

export interface SuggestionParts {
  secretBox: SecretBox;
  /** Hosts and networks of AI providers that may be reached although they are private. */
  outboundAllow: readonly string[];
}

export function bindSuggestionRoutes(binder: Binder, { secretBox, outboundAllow }: SuggestionParts): void {
  const draft = createDrafter({ allow: outboundAllow });
  binder.mixed(messages.suggestReply, (unitOfWork, { actor, project, params, reply, once }) =>
    suggestReply(
      { unitOfWork, actor, project, secretBox, draft, signal: hangUpSignal(reply), once },
      params.id,
    ),
  );
}

/** Aborts when the caller hangs up; after the answer was sent, when nobody listens any more. */
function hangUpSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
}
