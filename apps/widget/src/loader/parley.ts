import { newId } from '../shared/id.ts';
import type { EventName, Identity, Theme, ToFrame, Visitor, WidgetConfig } from '../shared/protocol.ts';
import { type FrameLink, openFrame } from './frame-link.ts';
import { createLauncher, type Launcher } from './launcher.ts';
import { pickLocale, textsFor } from './launcher-texts.ts';
import { isAllowedHost, keepInPage, takeRestoreToken, watchAddress } from './page.ts';
import { openStore, type Store } from './storage.ts';

export interface ParleyOptions {
  /** Of the project. */
  token: string;
  /** Where Parley is. */
  host: string;
  /** Default: the browser's. */
  locale?: string | undefined;
  /** Texts in place of ours, by name. */
  texts?: Record<string, string> | undefined;
  theme?: Theme | undefined;
  identity?: Identity | undefined;
}

export type Reason =
  | 'disabled_in_project'
  | 'remote_config_pending'
  | 'remote_config_failed'
  | 'disabled_by_config'
  | 'missing_token'
  | null;

type Listener = (detail: object) => void;

/** The widget of a page: what `window.parley` is, and what the package gives. Never throws into the page. */
export class Parley {
  readonly #options: ParleyOptions;
  readonly #store: Store;
  readonly #listeners = new Map<EventName, Set<Listener>>();
  readonly #locale: string;
  readonly #loaded: Promise<boolean>;
  #config: WidgetConfig | undefined;
  #reason: Reason = 'remote_config_pending';
  #launcher: Launcher | undefined;
  #frame: FrameLink | undefined;
  #identity: Identity | undefined;
  #theme: Theme;
  #isShown = false;
  #isOpened = false;
  #unread = 0;

  constructor(options: ParleyOptions) {
    this.#options = options;
    this.#store = openStore(options.token);
    this.#identity = options.identity;
    this.#theme = options.theme ?? {};
    this.#locale = pickLocale([options.locale ?? '', ...navigator.languages]);
    this.#loaded = this.#load();
  }

  async #load(): Promise<boolean> {
    const { token, host } = this.#options;
    if (token === '') return this.#fail('missing_token');
    const restoreToken = takeRestoreToken();
    try {
      const module = await import(/* @vite-ignore */ `${host}/widget/${encodeURIComponent(token)}/config.js`);
      this.#config = module.default as WidgetConfig | undefined;
    } catch {
      return this.#fail('remote_config_failed');
    }
    if (!this.#config) return this.#fail('disabled_in_project');
    if (!isAllowedHost(location.hostname, this.#config.domains)) return this.#fail('disabled_by_config');
    this.#reason = null;
    watchAddress((url) => this.#frame?.send({ kind: 'page', page: { url } }));
    const stored = this.#store.read();
    if (this.#isShown || this.#config.widgetEnabled) this.show();
    if (restoreToken !== undefined) {
      void this.restoreFromToken(restoreToken).catch(() => {});
      this.open();
    } else if (this.#isOpened || stored.widgetState === 'open') this.open();
    // Whoever was here before may have been answered.
    else if (stored.ticketId !== undefined || this.#identity) this.#openFrame();
    return true;
  }

  #fail(reason: Reason): false {
    this.#reason = reason;
    return false;
  }

  isAvailable(): boolean {
    return this.#reason === null;
  }

  getUnavailableReason(): Reason {
    return this.#reason;
  }

  /** Renders the launcher, also where the project does not by itself. */
  show(): void {
    this.#isShown = true;
    if (!this.#config) return;
    this.#launcher ??= this.#createLauncher(this.#config);
    this.#render();
  }

  hide(): void {
    this.#isShown = false;
    this.#isOpened = false;
    this.#render();
  }

  isVisible(): boolean {
    return this.#isShown && this.#launcher !== undefined;
  }

  open(): void {
    this.#isOpened = true;
    if (!this.#config) return;
    this.show();
    const frame = this.#openFrame();
    this.#store.write({ widgetState: 'open' });
    this.#render();
    frame?.send({ kind: 'open', isOpen: true });
    frame?.element.focus();
    this.#tell('open', {});
  }

  close(): void {
    const wasOpen = this.#isOpened;
    this.#isOpened = false;
    if (!wasOpen || !this.#config) return;
    this.#store.write({ widgetState: 'closed' });
    this.#render();
    this.#frame?.send({ kind: 'open', isOpen: false });
    this.#launcher?.focus();
    this.#tell('close', {});
  }

  setTheme(patch: Theme): void {
    this.#theme = { ...this.#theme, ...patch };
    this.#launcher?.paint(this.#theme);
    this.#frame?.send({ kind: 'theme', theme: this.#theme });
  }

  sendMessage(message: string, traits?: object, isNew?: boolean): Promise<unknown> {
    return this.#call('sendMessage', [message, traits, isNew]);
  }

  getMessages(ticketId?: string, after?: string): Promise<unknown> {
    return this.#call('getMessages', [ticketId, after]);
  }

  markAsRead(ticketId?: string): Promise<unknown> {
    return this.#call('markAsRead', [ticketId]);
  }

  getTickets(options?: { status?: string; limit?: number; offset?: number }): Promise<unknown> {
    return this.#call('getTickets', [options]);
  }

  requestRestoreLink(email: string): Promise<unknown> {
    return this.#call('requestRestoreLink', [email, location.href]);
  }

  restoreFromToken(token: string): Promise<unknown> {
    return this.#call('restoreFromToken', [token]);
  }

  async restoreFromUrlToken(): Promise<unknown> {
    const token = takeRestoreToken();
    return token === undefined ? null : this.restoreFromToken(token);
  }

  getCurrentTicketId(): string | null {
    return this.#store.read().ticketId ?? null;
  }

  getWidgetSessionId(): string | null {
    return this.#visitor().widgetSessionId;
  }

  /** Somebody whom the site has signed in (docs/widget.md): their tickets, on every browser. */
  setIdentity(id: string, hash: string, claims?: Identity['claims']): void {
    this.#identity = { id, hash, claims };
    this.#tellVisitor();
    if (this.#reason === null) this.#openFrame();
  }

  clearIdentity(): void {
    this.#identity = undefined;
    this.#tellVisitor();
  }

  /** What the page knows of them, without a proof of anything. */
  identify(traits: { name?: string; email?: string }): void {
    this.#store.write({ userTraits: { ...this.#store.read().userTraits, ...traits } });
    this.#tellVisitor();
  }

  /** Forgets who was here, as when somebody signs out: the next message is another visitor's. */
  reset(): void {
    this.#identity = undefined;
    this.#store.clear();
    this.#tellVisitor();
  }

  /** Calls back on an event; the answer ends that. */
  on(name: EventName, listener: Listener): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener));
    return () => void all.delete(listener);
  }

  #tell(name: EventName, detail: object): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        // The page's own mistake, told as one.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }

  async #call(method: Parameters<FrameLink['call']>[0], args: unknown[]): Promise<unknown> {
    if (!(await this.#loaded)) return null;
    return this.#openFrame()?.call(method, args) ?? null;
  }

  #visitor(): Visitor {
    const { widgetSessionId = newId(), distinctId = newId(), userTraits = {} } = this.#store.read();
    this.#store.write({ widgetSessionId, distinctId });
    return { widgetSessionId, distinctId, identity: this.#identity, traits: userTraits };
  }

  #tellVisitor(): void {
    this.#frame?.send({ kind: 'visitor', visitor: this.#visitor(), kept: this.#store.read() });
  }

  #createLauncher({ color, widgetPosition }: WidgetConfig): Launcher {
    const launcher = createLauncher({
      color,
      position: widgetPosition,
      texts: textsFor(this.#locale),
      isRightToLeft: this.#locale === 'ar',
      onClick: () => (this.#isOpened ? this.close() : this.open()),
    });
    launcher.paint(this.#theme);
    keepInPage(launcher.host);
    return launcher;
  }

  #openFrame(): FrameLink | undefined {
    const [config, options] = [this.#config, this.#options];
    if (!config || this.#frame) return this.#frame;
    this.#launcher ??= this.#createLauncher(config);
    this.#frame = openFrame({
      url: `${options.host}/widget/${encodeURIComponent(options.token)}/frame`,
      title: textsFor(this.#locale)[0],
      start: () => this.#startMessage(),
      hear: (message) => this.#hear(message),
    });
    this.#launcher.mount(this.#frame.element);
    this.#render();
    return this.#frame;
  }

  #startMessage(): ToFrame {
    return {
      kind: 'start',
      visitor: this.#visitor(),
      kept: this.#store.read(),
      locale: this.#locale,
      texts: this.#options.texts ?? {},
      theme: this.#theme,
      page: { url: location.href },
      isOpen: this.#isOpened,
    };
  }

  #hear(message: Parameters<Parameters<typeof openFrame>[0]['hear']>[0]): void {
    if (message.kind === 'close') this.close();
    else if (message.kind === 'keep') this.#store.write(message.kept);
    else if (message.kind === 'session') this.#store.write({ widgetSessionId: message.widgetSessionId });
    else if (message.kind === 'event') this.#tell(message.name, message.detail);
    else if (message.count !== this.#unread) {
      this.#unread = message.count;
      this.#render();
      this.#tell('unread', { count: message.count });
    }
  }

  #render(): void {
    this.#launcher?.update({ isShown: this.#isShown, isOpen: this.#isOpened, unread: this.#unread });
  }
}
