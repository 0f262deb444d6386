import { storeMessage } from '#features/messages/messages.store.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { ticketEvent } from '#features/tickets/tickets.events.ts';
import { findTicket } from '#features/tickets/tickets.service.ts';
import type { Actor, Project } from '#platform/actor.ts';
import { ApiError } from '#platform/api-error.ts';
import type { Answer } from '#platform/http/call.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import type { UnitOfWork, Uow } from '#platform/unit-of-work.ts';
import { readAiSettings } from './ai-settings.ts';
import { readCase } from './case.ts';
import type { Draft } from './drafter.ts';
import { toPrompt } from './prompt.ts';

export interface SuggestRequest {
  unitOfWork: UnitOfWork;
  actor: Actor;
  project: Project;
  secretBox: SecretBox;
  draft: Draft;
  /** Ends the call to the provider. */
  signal: AbortSignal;
  /** Keeps the note and remembers the answer together, once per Idempotency-Key. */
  once: <T>(uow: Uow, write: () => Promise<T>) => Promise<T | Answer>;
}

/**
 * Has a reply drafted, and keeps it as a private note of the AI (inbox.md 13.5). The provider is asked between two
 * units of work: no connection and no lock is held while it thinks.
 */
export async function suggestReply(
  { unitOfWork, actor, project, secretBox, draft, signal, once }: SuggestRequest,
  idOrNumber: string,
): Promise<{ suggestion: string } | Answer> {
  // Before the look-up of the ticket, as published (tickets-api.md 2.16).
  if (!project.isAiApproved) {
    throw new ApiError('ai_not_approved', 'The organization has not approved data processing by AI.');
  }
  const { ticketId, facts } = await unitOfWork.read(actor, (context) =>
    readCase(context, project, idOrNumber),
  );
  if (facts.conversation.length === 0) {
    throw new ApiError('no_public_messages', 'The ticket has no public messages.');
  }
  const suggestion = await draft(readAiSettings(project.settings, secretBox), toPrompt(facts), signal);
  return unitOfWork.run(actor, (uow) =>
    once(uow, async () => {
      await keepAsNote(uow, project, ticketId, suggestion);
      return { suggestion };
    }),
  );
}

/** The text is only kept and shown. Nothing reads commands out of it, so it cannot do anything. */
async function keepAsNote(uow: Uow, project: Project, ticketId: string, suggestion: string): Promise<void> {
  const ticket = await lockForMessage(uow, project, await findTicket(uow, project, ticketId));
  const note = await storeMessage(uow, ticket, {
    content: suggestion,
    itemContext: { author_type: 'AI', is_private: true },
    authorUserId: null,
  });
  uow.emit({
    ...ticketEvent('notes.create', ticket, { message_id: note.id, author_type: 'AI' }),
    resourceId: note.id,
    resourceVersion: 0,
  });
}
