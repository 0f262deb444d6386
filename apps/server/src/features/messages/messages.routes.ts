import { messages } from '@parley/contract/messages';
import { deleteDraft } from '#features/drafts/drafts.service.ts';
import { findOwnFiles } from '#features/files/files.attach.service.ts';
import { teamUploader } from '#features/files/uploader.service.ts';
import { isPutOff, scheduleReply } from '#features/scheduled-replies/scheduled-replies.service.ts';
import { lockForMessage } from '#features/ticket-merge/thread-head.service.ts';
import { findTicket, lockTicket, requireSupport } from '#features/tickets/tickets.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { listMessages } from './messages.list.ts';
import { deleteNote, lockOwnNote, updateNote } from './notes.ts';
import { addFiles, requireWords } from './reply-files.service.ts';
import { requireReplyScope } from './reply-scope.service.ts';
import { claimReply, replyToTicket } from './tickets.reply.service.ts';

export function bindMessageRoutes(binder: Binder): void {
  binder.read(messages.list, (context, { project, params, query, url }) =>
    listMessages(context, project, params.id, query, url),
  );
  binder.write(messages.reply, async (uow, { actor, project, params, body, checkBody, url }) => {
    // The published order: the ticket, then Support, then the words (tickets-api.md 2.9).
    const ticket = await findTicket(uow, project, params.id);
    requireSupport(project);
    checkBody();
    requireWords(body);
    requireReplyScope(actor, body);
    await claimReply(uow, project, params.id, body);
    const head = await lockForMessage(uow, project, ticket);
    if (body.discard_draft) await deleteDraft(uow, project, ticket);
    const files = await findOwnFiles(uow, project, [teamUploader(actor)], body.file_ids);
    const whole = addFiles(body, files, () => url.origin);
    return isPutOff(body)
      ? scheduleReply(uow, project, head, whole, files)
      : replyToTicket(uow, project, head, whole, files);
  });
  binder.write(messages.updateNote, async (uow, { project, params, body, checkBody }) => {
    const ticket = await lockTicket(uow, project, params.id);
    const note = await lockOwnNote(uow, ticket, params.message_id);
    checkBody();
    return updateNote(uow, project, ticket, note, body);
  });
  binder.write(messages.deleteNote, async (uow, { project, params }) => {
    const ticket = await lockTicket(uow, project, params.id);
    await deleteNote(uow, ticket, await lockOwnNote(uow, ticket, params.message_id));
    return undefined;
  });
}
