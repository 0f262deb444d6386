import { newId } from '../shared/id.ts';
import type { Sent, StoredFile } from './api.ts';
import type { Model } from './model.ts';
import { type Pending, placeOf } from './state.ts';

/**
 * What was sent and is not confirmed. It is on the screen and in the page's storage until it arrived: a page that is left
 * meanwhile sends it again when it is back, with the same key, so that it arrives once. One after the other, so that
 * they arrive in order, and so that a conversation begins once however quickly somebody writes.
 */
export class Outbox {
  private readonly model: Model;
  private queue: Promise<void> = Promise.resolve();
  /** Tells one conversation that has no ticket yet from the next. */
  private conversation = 0;

  constructor(model: Model) {
    this.model = model;
  }

  /** What a page left behind. */
  resume(): void {
    for (const { key } of this.model.state.pending) this.enqueue(key);
  }

  beginConversation(): void {
    this.conversation += 1;
  }

  /** What was typed and attached. */
  send(): void {
    const { model, conversation } = this;
    const { ticketId, drafts, attached, pending } = model.state;
    const place = placeOf(ticketId);
    const text = (drafts[place] ?? '').trim();
    const files = (attached[place] ?? []).flatMap(({ file }) => (file ? [file] : []));
    if (text === '' && files.length === 0) return;
    const one: Pending = {
      key: newId(),
      ticketId,
      conversation,
      text,
      files,
      failed: undefined,
      sentId: undefined,
    };
    model.store.set({
      pending: [...pending, one],
      drafts: { ...drafts, [place]: '' },
      attached: { ...attached, [place]: [] },
    });
    model.save();
    this.enqueue(one.key);
  }

  retry(key: string): void {
    this.change(key, { failed: undefined });
    this.enqueue(key);
  }

  /** Back into the field, to be written otherwise. */
  edit(key: string): void {
    const { state, store } = this.model;
    const one = state.pending.find((pending) => pending.key === key);
    if (!one) return;
    const place = placeOf(one.ticketId);
    const typed = state.drafts[place] ?? '';
    const files = [...one.files.map(asAttached), ...(state.attached[place] ?? [])];
    store.set({
      pending: state.pending.filter((pending) => pending.key !== key),
      drafts: { ...state.drafts, [place]: typed === '' ? one.text : `${one.text}\n${typed}` },
      attached: { ...state.attached, [place]: files },
    });
    this.model.save();
  }

  private enqueue(key: string): void {
    this.queue = this.queue.then(() => this.deliver(key));
  }

  private change(key: string, changes: Partial<Pending>): void {
    const pending = this.model.state.pending.map((one) => (one.key === key ? { ...one, ...changes } : one));
    this.model.store.set({ pending });
  }

  private async deliver(key: string): Promise<void> {
    const { model } = this;
    const one = model.state.pending.find((pending) => pending.key === key);
    if (!one || one.failed !== undefined || one.sentId !== undefined) return;
    let sent: Sent;
    try {
      sent = await this.post(one);
    } catch (error) {
      this.change(key, { failed: model.explain(error) });
      model.store.set({ announced: model.texts.notSent });
      model.save();
      return;
    }
    // The others that began the same conversation go on in it.
    const isSame = (other: Pending) =>
      one.ticketId === undefined && other.ticketId === undefined && other.conversation === one.conversation;
    const { ticket_id: ticketId, message_id: sentId } = sent;
    model.store.set({
      pending: model.state.pending.map((other) => {
        if (other.key === key) return { ...other, ticketId, sentId };
        return isSame(other) ? { ...other, ticketId } : other;
      }),
    });
    model.save();
    model.arrived(one, sent);
  }

  /** With the key by which the server knows it again. */
  post({ key, ticketId, text, files }: Pick<Pending, 'key' | 'ticketId' | 'text' | 'files'>): Promise<Sent> {
    const { visitor, traits, page } = this.model.state;
    return this.model.api.send(key, {
      message: text,
      distinct_id: visitor.identity?.id ?? visitor.distinctId,
      ticket_id: ticketId ?? null,
      traits: { name: traits.name ?? null, email: traits.email ?? null },
      ...(files.length > 0 ? { file_ids: files.map(({ id }) => id) } : {}),
      session_context: { current_url: page.url },
      ...(page.sessionId === undefined ? {} : { session_id: page.sessionId }),
    });
  }
}

function asAttached(file: StoredFile) {
  return { key: file.id, name: file.name, progress: 1, file, failed: undefined, cancel: () => {} };
}
