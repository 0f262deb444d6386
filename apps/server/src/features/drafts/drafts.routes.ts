import { drafts } from '@parley/contract/drafts';
import type { Binder } from '#platform/http/binder.ts';
import { deleteDraft, findDraftTicket, listDrafts, retrieveDraft, saveDraft } from './drafts.service.ts';
import {
  createReplyDraft,
  discardReplyDraft,
  listReplyDrafts,
  sendReplyDraft,
} from './reply-drafts.service.ts';

export function bindDraftRoutes(binder: Binder): void {
  binder.read(drafts.list, (context, { project, query, url }) => listDrafts(context, project, query, url));
  binder.read(drafts.retrieveCompose, (context, { project }) => retrieveDraft(context, project, null));
  binder.write(drafts.saveCompose, (uow, { project, body }) => saveDraft(uow, project, null, body));
  binder.write(drafts.deleteCompose, async (uow, { project }) => {
    await deleteDraft(uow, project, null);
    return undefined;
  });
  binder.read(drafts.retrieve, async (context, { project, params }) =>
    retrieveDraft(context, project, await findDraftTicket(context, project, params.id)),
  );
  binder.write(drafts.save, async (uow, { project, params, body }) =>
    saveDraft(uow, project, await findDraftTicket(uow, project, params.id), body),
  );
  binder.write(drafts.delete, async (uow, { project, params }) => {
    await deleteDraft(uow, project, await findDraftTicket(uow, project, params.id));
    return undefined;
  });
  binder.read(drafts.listShared, (context, { project, params, query, url }) =>
    listReplyDrafts(context, project, params.id, query, url),
  );
  binder.write(drafts.createShared, (uow, { project, params, body }) =>
    createReplyDraft(uow, project, params.id, body),
  );
  binder.write(drafts.sendShared, (uow, { project, params, body }) =>
    sendReplyDraft(uow, project, { ref: params.id, draftId: params.reply_draft_id }, body),
  );
  binder.write(drafts.discardShared, async (uow, { project, params }) => {
    await discardReplyDraft(uow, project, { ref: params.id, draftId: params.reply_draft_id });
    return undefined;
  });
}
