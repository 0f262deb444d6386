import { newId } from '../shared/id.ts';
import type { Method, Traits } from '../shared/protocol.ts';
import { Failure } from './api.ts';
import type { Model } from './model.ts';

/** What a page calls, by the names and with the answers of the published client (widget.md 10). */
export async function callPublicMethod(model: Model, method: Method, args: unknown[]): Promise<unknown> {
  const [first, second, third] = args;
  const ticketId = typeof first === 'string' ? first : model.state.ticketId;
  switch (method) {
    case 'sendMessage':
      return sendAs(model, String(first ?? ''), second as Traits | undefined, third === true);
    case 'getTickets':
      return model.api.tickets({ limit: 20, offset: 0, ...(first as object | undefined) });
    case 'requestRestoreLink':
      return model.state.visitor.identity
        ? { ok: true }
        : model.api.requestRestore(String(first), String(second));
    case 'restoreFromToken':
      return restore(model, String(first));
    case 'getMessages': {
      if (ticketId === undefined) throw new Failure('http', 0, 'There is no ticket.');
      if (typeof first === 'string') model.show(first);
      const page = await model.api.messages(ticketId, typeof second === 'string' ? second : undefined);
      return { ticket_id: ticketId, ...page };
    }
    case 'markAsRead': {
      if (ticketId === undefined) return null;
      const answer = await model.api.read(ticketId);
      model.setTicket(ticketId, { unread_count: 0 });
      model.countUnread();
      return answer;
    }
  }
}

async function sendAs(
  model: Model,
  text: string,
  traits: Traits | undefined,
  isNew: boolean,
): Promise<unknown> {
  if (traits) model.store.set({ traits: { ...model.state.traits, ...traits } });
  const from = isNew ? undefined : model.state.ticketId;
  const key = newId();
  const sent = await model.outbox.post({ key, ticketId: from, text, files: [] });
  if (isNew) model.show(sent.ticket_id);
  model.arrived({ ticketId: from, text }, sent);
  return sent;
}

async function restore(model: Model, token: string): Promise<unknown> {
  if (model.state.visitor.identity) return { status: 'success' };
  const answer = await model.api.restore(token).catch(() => model.api.restore(token));
  if (answer.status === 'success') {
    const [ticketId] = answer.migrated_ticket_ids ?? [];
    model.host.tell('restored', { ticket_ids: answer.migrated_ticket_ids ?? [] });
    if (ticketId !== undefined) model.host.keep({ ticketId });
    model.store.set({ ticketId, tickets: undefined, view: 'conversation' });
    model.start();
  }
  return answer;
}
