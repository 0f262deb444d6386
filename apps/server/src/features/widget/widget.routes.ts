import { widget } from '@parley/contract/widget';
import { presentFile } from '#features/files/files.present.service.ts';
import { type FileParts, storeUpload } from '#features/files/files.upload.service.ts';
import { visitorUploaders } from '#features/files/uploader.service.ts';
import type { Binder } from '#platform/http/binder.ts';
import { checkOrigin } from './origin-rules.ts';
import { checkRestoreIsOn, checkRestorePage } from './restore-page.ts';
import {
  bodyFields,
  countMail,
  countRedeem,
  countUpload,
  countWrite,
  enter,
  type WidgetParts,
} from './widget.enter.ts';
import { listMessagesForVisitor } from './widget.list-messages.ts';
import { listTicketsForVisitor } from './widget.list-tickets.ts';
import { markReadForVisitor } from './widget.mark-read.ts';
import { rateForVisitor } from './widget.rate.ts';
import { emailKey, readRestore, readRestoreRequest, requestRestore, restore } from './widget.restore.ts';
import { checkHoneypot, readMessage, sendMessage } from './widget.send-message.ts';
import { updateTraitsForVisitor } from './widget.update-traits.ts';
import { checkTicketId } from './widget-access.ts';

/** What a widget in a customer's browser calls (widget.md 5). */
export function bindWidgetRoutes(binder: Binder, parts: WidgetParts & { files: FileParts }): void {
  binder.mixed(widget.sendMessage, async (unitOfWork, call) => {
    const { project, request } = call;
    checkOrigin(project, request, call.url);
    const fields = bodyFields(call.body);
    checkHoneypot(fields);
    const { visitor, actor } = await enter(parts, call, 'write', fields);
    const message = readMessage(fields, visitor);
    return unitOfWork.run(actor, (uow) =>
      call.once(uow, () => sendMessage(uow, project, visitor, message, call.url.origin)),
    );
  });
  binder.mixed(widget.uploadFile, async (unitOfWork, call) => {
    const { project, request, query, url } = call;
    checkOrigin(project, request, call.url);
    const { visitor, actor } = await enter(parts, call, 'write', {});
    await countUpload(parts, call, visitor);
    const [uploader] = visitorUploaders(visitor);
    const upload = { actor, project, uploader, name: query.name, isCustomer: true };
    return presentFile(await storeUpload(unitOfWork, parts.files, request, upload), url.origin);
  });
  binder.read(widget.listMessages, async (context, call) => {
    const id = checkTicketId(call.params.ticket_id);
    const { visitor } = await enter(parts, call, 'read', call.query);
    return listMessagesForVisitor(context, call.project, visitor, id, call.query);
  });
  binder.mixed(widget.markRead, async (unitOfWork, call) => {
    const id = checkTicketId(call.params.ticket_id);
    const entered = await enter(parts, call, 'write', bodyFields(call.body));
    call.checkBody();
    return markReadForVisitor(unitOfWork, call.project, entered, id);
  });
  binder.mixed(widget.rate, async (unitOfWork, call) => {
    const { project, params, body } = call;
    const id = checkTicketId(params.ticket_id);
    const { visitor, actor } = await enter(parts, call, 'write', bodyFields(body));
    call.checkBody();
    return unitOfWork.run(actor, (uow) => rateForVisitor(uow, project, visitor, id, body));
  });
  binder.mixed(widget.updateTraits, async (unitOfWork, call) => {
    const { project, params, body } = call;
    const id = checkTicketId(params.ticket_id);
    const { visitor, actor } = await enter(parts, call, 'write', bodyFields(body));
    call.checkBody();
    return unitOfWork.run(actor, (uow) => updateTraitsForVisitor(uow, project, visitor, id, body));
  });
  binder.read(widget.listTickets, async (context, call) => {
    const { visitor } = await enter(parts, call, 'read', call.query);
    return listTicketsForVisitor(context, call.project, visitor, call.query);
  });
  bindRestoreRoutes(binder, parts);
}

function bindRestoreRoutes(binder: Binder, parts: WidgetParts): void {
  binder.mixed(widget.requestRestore, async (unitOfWork, call) => {
    const { project, request } = call;
    checkOrigin(project, request, call.url);
    checkRestoreIsOn(project);
    await countWrite(parts, call);
    const { email, request_url } = readRestoreRequest(bodyFields(call.body));
    const page = checkRestorePage(project, request, request_url, call.url);
    await countMail(parts, project, emailKey(email));
    return unitOfWork.run(ANYBODY, async (uow) => requestRestore(uow, project, email, page));
  });
  binder.mixed(widget.restore, async (unitOfWork, call) => {
    const { project, request } = call;
    checkOrigin(project, request, call.url);
    checkRestoreIsOn(project);
    await countRedeem(parts, call);
    await countWrite(parts, call);
    const body = readRestore(bodyFields(call.body));
    return unitOfWork.run(ANYBODY, (uow) => restore(uow, project, body));
  });
}

/** Whoever has a mailbox is a customer, though nobody knows which. */
const ANYBODY = { kind: 'customer', key: 'mailed' } as const;
