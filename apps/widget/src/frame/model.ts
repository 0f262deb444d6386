import type { Kept, KeptMessage, Page, Theme, Traits, Visitor } from '../shared/protocol.ts';
import { type Api, Failure, type Message, type Sent, visitorHeader } from './api.ts';
import { attachFiles } from './attach.ts';
import { beep } from './beep.ts';
import type { Host } from './host.ts';
import { type Change, Live } from './live.ts';
import { Outbox } from './outbox.ts';
import { Refresher, type Wanted } from './refresher.ts';
import { mustIdentify, type Pending, placeOf, type State, type Store } from './state.ts';
import type { Texts } from './texts.ts';

const PAGE = 100;
const TICKETS_MAX = 500;
const DRAFT_SAVED_MS = 300;

export interface ModelParts {
  store: Store;
  texts: Texts;
  locale: string;
  api: Api;
  host: Host;
}

/** All that the widget does; views only show the state and call this. */
export class Model {
  readonly store: Store;
  readonly texts: Texts;
  /** Of times and dates. */
  readonly locale: string;
  readonly api: Api;
  readonly host: Host;
  private live: Live | undefined;
  readonly outbox: Outbox;
  private readonly refresher: Refresher;
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor({ store, texts, locale, api, host }: ModelParts) {
    this.store = store;
    this.texts = texts;
    this.locale = locale;
    this.api = api;
    this.host = host;
    this.outbox = new Outbox(this);
    this.refresher = new Refresher((wanted) => this.refresh(wanted));
    document.addEventListener('visibilitychange', () => void this.markRead().catch(() => {}));
    addEventListener('pagehide', () => this.save());
  }

  get state(): State {
    return this.store.get();
  }

  start(): void {
    const { visitor } = this.state;
    this.live?.stop();
    const name = `parley:${this.state.config.token}:${visitor.widgetSessionId}:${visitor.identity?.id ?? ''}`;
    // A visitor without a ticket has nothing to hear of.
    if (this.state.ticketId === undefined && !visitor.identity) {
      this.live = undefined;
      this.store.set({ tickets: this.state.tickets ?? [], connection: 'live' });
      return;
    }
    this.live = new Live({
      name,
      headers: () => this.api.headers(),
      changed: (change) => this.hear(change),
      connection: (connection) => this.store.set({ connection }),
    });
    this.refresher.want({ tickets: true, messages: true }, 0);
  }

  private hear({ kind, ticketId, by, isTyping = false }: Change): void {
    const isShown = ticketId !== undefined && ticketId === this.state.ticketId;
    if (kind === 'all') this.refresher.want({ tickets: true, messages: true });
    else if (ticketId === undefined) return;
    else if (kind === 'typing') this.store.set({ typing: { ...this.state.typing, [ticketId]: isTyping } });
    else if (kind === 'read' && by === 'team') this.markSeen(ticketId);
    else if (kind === 'message' && isShown) this.refresher.want({ messages: true });
    else this.refresher.want({ tickets: true, messages: isShown });
  }

  /** By the clock of the server: the page's own may be wrong. */
  private markSeen(ticketId: string): void {
    const last = this.state.messages[ticketId]?.at(-1);
    if (last) this.store.set({ seen: { ...this.state.seen, [ticketId]: last.created_at } });
  }

  private async refresh({ tickets, messages }: Wanted): Promise<void> {
    if (tickets) await this.loadTickets();
    const { ticketId, tickets: known = [] } = this.state;
    if (messages && ticketId !== undefined && known.some(({ id }) => id === ticketId))
      await this.loadMessages(ticketId);
  }

  private async loadTickets(): Promise<void> {
    const before = this.state.tickets;
    const tickets: NonNullable<State['tickets']> = [];
    for (let count = 1; tickets.length < Math.min(count, TICKETS_MAX); ) {
      const page = await this.api.tickets({ limit: PAGE, offset: tickets.length });
      tickets.push(...page.results);
      count = page.results.length === 0 ? 0 : page.count;
    }
    tickets.sort((a, b) =>
      (b.last_message_at ?? b.created_at).localeCompare(a.last_message_at ?? a.created_at),
    );
    this.store.set({ tickets });
    this.countUnread();
    const { ticketId } = this.state;
    if (before === undefined) this.pickView();
    else if (
      ticketId !== undefined &&
      !tickets.some(({ id }) => id === ticketId) &&
      tickets.length < TICKETS_MAX
    )
      this.leave(ticketId);
    const hasNews = tickets.some(
      ({ id, unread_count }) => unread_count > (before?.find((one) => one.id === id)?.unread_count ?? 0),
    );
    if (hasNews && before !== undefined) this.newsCame();
  }

  /** A ticket that is the visitor's no longer: deleted, or given to another browser. What was typed to it is kept. */
  private leave(ticketId: string): void {
    const { drafts, tickets = [] } = this.state;
    const { [ticketId]: typed = '', ...others } = drafts;
    const draft = [others.new ?? '', typed].filter((text) => text !== '').join('\n');
    this.store.set({ drafts: { ...others, new: draft } });
    this.show(undefined);
    if (tickets.length > 0 && draft === '') this.store.set({ view: 'list' });
    this.save();
  }

  private newsCame(): void {
    const { isOpen, isSilent } = this.state;
    if (!isSilent && (!isOpen || document.hidden)) beep();
  }

  /** widget.md 9.1: one open ticket is gone on with, of several one is picked. */
  private pickView(): void {
    const { tickets = [], view, drafts } = this.state;
    if (view !== 'conversation' || (drafts.new ?? '') !== '') return;
    const [first, second] = tickets;
    if (first && !second && first.status !== 'resolved') this.show(first.id);
    else if (first) this.store.set({ view: 'list', ticketId: undefined });
    else this.show(undefined);
  }

  show(ticketId: string | undefined): void {
    this.store.set({ view: 'conversation', ticketId });
    this.host.keep({ ticketId });
  }

  async loadMessages(ticketId: string): Promise<void> {
    let messages: Message[] = [];
    for (let hasMore = true; hasMore; ) {
      const page = await this.api.messages(ticketId, messages.at(-1)?.created_at);
      messages = [...messages, ...page.messages];
      hasMore = page.has_more && page.messages.length > 0;
      this.setTicket(ticketId, { status: page.ticket_status, unread_count: page.unread_count });
    }
    const ids = new Set(messages.map(({ id }) => id));
    const pending = this.state.pending.filter(({ sentId }) => sentId === undefined || !ids.has(sentId));
    const known = new Set(this.state.messages[ticketId]?.map(({ id }) => id));
    // What is there when a conversation is opened is no news, but for one that was begun a moment ago.
    const isBegun = this.state.pending.some((one) => one.ticketId === ticketId && one.sentId !== undefined);
    const isFirst = this.state.messages[ticketId] === undefined && !isBegun;
    this.store.set({ messages: { ...this.state.messages, [ticketId]: messages }, pending });
    const news = messages.filter(({ id, author_type }) => !known.has(id) && author_type !== 'customer');
    const last = news.at(-1);
    if (last && !isFirst) {
      this.store.set({
        announced: `${last.author_name}: ${last.content}`,
        typing: { ...this.state.typing, [ticketId]: false },
      });
      this.host.tell('message_received', { ticket_id: ticketId, message_id: last.id });
    }
    await this.markRead();
  }

  /** What is on the screen of somebody who looks at it. Only what was fetched can be: nothing is read unseen. */
  async markRead(): Promise<void> {
    const { isOpen, view, ticketId, tickets = [], messages } = this.state;
    const ticket = tickets.find(({ id }) => id === ticketId);
    if (!isOpen || document.hidden || view !== 'conversation' || !ticket || ticket.unread_count === 0) return;
    if (!messages[ticket.id]) return;
    await this.api.read(ticket.id);
    this.setTicket(ticket.id, { unread_count: 0 });
    this.countUnread();
  }

  setTicket(ticketId: string, changes: object): void {
    const tickets = this.state.tickets?.map((ticket) =>
      ticket.id === ticketId ? { ...ticket, ...changes } : ticket,
    );
    if (tickets) this.store.set({ tickets });
  }

  countUnread(): void {
    const count = (this.state.tickets ?? []).reduce((sum, { unread_count }) => sum + unread_count, 0);
    this.host.send({ kind: 'unread', count });
  }

  setOpen(isOpen: boolean): void {
    // What was written on another device since is where somebody wants to go on.
    if (isOpen && !this.state.isOpen && this.state.ticketId === undefined) this.pickView();
    this.store.set({ isOpen });
    const { ticketId } = this.state;
    const isKnown = ticketId === undefined || this.state.messages[ticketId] !== undefined;
    void (isKnown ? this.markRead() : this.loadMessages(ticketId)).catch(() => {});
  }

  setTheme(theme: Theme): void {
    this.store.set({ theme });
  }

  setPage(page: Page): void {
    this.store.set({ page });
  }

  /** Somebody else is there, or the same person with more or less of a proof. */
  setVisitor(visitor: Visitor, { ticketId, drafts = {} }: Kept): void {
    const isSame = visitorHeader(visitor) === visitorHeader(this.state.visitor);
    this.api.visitor = visitor;
    this.store.set({ visitor, traits: visitor.traits });
    if (!mustIdentify(this.state) && this.state.view === 'identify') this.store.set({ view: 'conversation' });
    if (isSame) return;
    this.store.set({
      tickets: undefined,
      messages: {},
      pending: [],
      drafts,
      attached: {},
      ticketId,
      view: 'conversation',
      seen: {},
    });
    if (mustIdentify(this.state)) this.store.set({ view: 'identify' });
    this.start();
    this.countUnread();
  }

  openTicket(ticketId: string): void {
    this.show(ticketId);
    void this.loadMessages(ticketId).catch(() => {});
  }

  newConversation(): void {
    this.outbox.beginConversation();
    this.show(undefined);
  }

  showList(): void {
    this.store.set({ view: 'list' });
    if (this.live) this.refresher.want({ tickets: true });
  }

  showRestore(): void {
    this.store.set({ view: 'restore' });
  }

  close(): void {
    this.host.send({ kind: 'close' });
  }

  toggleSound(): void {
    const isSilent = !this.state.isSilent;
    this.store.set({ isSilent });
    this.host.keep({ isSilent });
  }

  identify(traits: Traits): void {
    const merged = { ...this.state.traits, ...traits };
    this.store.set({ traits: merged, view: 'conversation' });
    this.host.keep({ userTraits: merged });
    this.host.tell('identified', { has_name: Boolean(traits.name), has_email: Boolean(traits.email) });
  }

  /** Where to answer somebody who left before the answer came. */
  async giveEmail(ticketId: string, email: string): Promise<void> {
    await this.api.updateTraits(ticketId, { email });
    this.identify({ email });
  }

  setDraft(text: string): void {
    this.store.set({ drafts: { ...this.state.drafts, [placeOf(this.state.ticketId)]: text } });
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), DRAFT_SAVED_MS);
  }

  /** Into the page's storage: what was typed, and what was sent and is not confirmed. */
  save(): void {
    const { drafts, pending } = this.state;
    const typed = Object.fromEntries(Object.entries(drafts).filter(([, text]) => text !== ''));
    this.host.keep({
      drafts: typed,
      pending: pending.filter(({ sentId }) => sentId === undefined).map(keptOf),
    });
  }

  attach(files: readonly File[]): void {
    attachFiles(this.store, this.api, this.texts, files);
  }

  detach(key: string): void {
    const place = placeOf(this.state.ticketId);
    const attached = this.state.attached[place] ?? [];
    attached.find((one) => one.key === key)?.cancel();
    const left = attached.filter((one) => one.key !== key);
    this.store.set({ attached: { ...this.state.attached, [place]: left } });
  }

  /** The server has a message: what it made of it is asked for, with whatever else was written meanwhile. */
  arrived({ ticketId: from, text }: Pick<Pending, 'ticketId' | 'text'>, { ticket_id: ticketId }: Sent): void {
    const isNew = from === undefined;
    const isOnScreen = this.state.view === 'conversation' && this.state.ticketId === from;
    const detail = { ticket_id: ticketId, is_new_ticket: isNew, message_length: text.length };
    this.host.tell('message_sent', detail);
    if (isOnScreen && from !== ticketId) this.show(ticketId);
    if (this.live) this.refresher.want({ tickets: from !== ticketId, messages: true }, 0);
    else {
      this.host.keep({ ticketId });
      this.store.set({ ticketId });
      this.start();
    }
  }

  /** Why a call failed, as the customer is told. */
  explain(error: unknown): string {
    const { texts } = this;
    if (!(error instanceof Failure)) return texts.failed;
    if (error.kind === 'network') return navigator.onLine ? texts.unreachable : texts.offline;
    if (error.kind === 'rate_limit') return texts.tooMany;
    return error.reason ?? texts.failed;
  }

  async rate(ticketId: string, rating: 'good' | 'bad', comment?: string): Promise<void> {
    await this.api.rate(ticketId, rating, comment);
    this.store.set({ rated: { ...this.state.rated, [ticketId]: rating } });
  }

  requestRestore(email: string): Promise<{ ok: true }> {
    return this.api.requestRestore(email, this.state.page.url);
  }
}

function keptOf({ key, ticketId, conversation, text, files }: Pending): KeptMessage {
  return { key, ticketId, conversation, text, files };
}
