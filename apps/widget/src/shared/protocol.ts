/** What the page and the frame of the widget say to each other, over a channel that the page opens. */

/** Who the visitor is, and what the page knows of them. Kept in the page's own storage. */
export interface Visitor {
  widgetSessionId: string;
  distinctId: string;
  identity: Identity | undefined;
  traits: Traits;
}

export interface Identity {
  id: string;
  hash: string;
  /** An address that the site vouches for, with its signature and the end of that. */
  claims?: Readonly<Record<string, { value: string; hash: string }>> | undefined;
}

export interface Traits {
  name?: string | null;
  email?: string | null;
}

/** Colours and shapes, as `setTheme` takes them (widget.md 9.4). */
export interface Theme extends Colours {
  fontFamily?: string;
  borderRadius?: string;
  launcherShadow?: string;
  windowShadow?: string;
  colorScheme?: 'light' | 'dark' | 'auto';
  dark?: Colours;
}

export interface Colours {
  primary?: string;
  primaryText?: string;
  background?: string;
  surface?: string;
  text?: string;
  mutedText?: string;
  border?: string;
  agentBubble?: string;
}

/** What of the page's storage is the frame's business. */
export interface Kept {
  ticketId?: string | undefined;
  /** What was typed and not sent, by ticket; `new` is the conversation to be. */
  drafts?: Record<string, string>;
  /** What was sent and is not confirmed. */
  pending?: KeptMessage[];
  userTraits?: Traits;
  isSilent?: boolean;
}

export interface KeptMessage {
  key: string;
  ticketId: string | undefined;
  conversation: number;
  text: string;
  files: KeptFile[];
}

export interface KeptFile {
  id: string;
  name: string;
  size: number;
  is_image: boolean;
  url: string;
}

export type ToFrame =
  | {
      kind: 'start';
      visitor: Visitor;
      kept: Kept;
      locale: string;
      texts: object;
      theme: Theme;
      page: Page;
      isOpen: boolean;
    }
  | { kind: 'visitor'; visitor: Visitor; kept: Kept }
  | { kind: 'open'; isOpen: boolean }
  | { kind: 'theme'; theme: Theme }
  | { kind: 'page'; page: Page }
  | { kind: 'call'; id: number; method: Method; args: unknown[] };

/** Where the visitor is. */
export interface Page {
  url: string;
  sessionId?: string | undefined;
}

/** What the page asks the frame to do, with the names of the public methods. */
export type Method =
  | 'sendMessage'
  | 'getMessages'
  | 'markAsRead'
  | 'getTickets'
  | 'requestRestoreLink'
  | 'restoreFromToken';

export type FromFrame =
  | { kind: 'ready' }
  | { kind: 'close' }
  | { kind: 'unread'; count: number }
  | { kind: 'keep'; kept: Partial<Kept> }
  | { kind: 'session'; widgetSessionId: string }
  | { kind: 'event'; name: EventName; detail: object }
  | {
      kind: 'answer';
      id: number;
      value?: unknown;
      error?: { message: string; kind: string; status?: number };
    };

/** What `parley.on` tells of. */
export type EventName =
  | 'open'
  | 'close'
  | 'message_sent'
  | 'message_received'
  | 'unread'
  | 'identified'
  | 'restored';

/** The widget of a project, as a page is told of it. */
export interface WidgetConfig {
  widgetEnabled: boolean;
  token: string;
  greetingText: string;
  color: string;
  placeholderText: string;
  requireEmail: boolean;
  collectName: boolean;
  identificationFormTitle: string;
  identificationFormDescription: string;
  domains: string[];
  widgetPosition: string;
  restoreEnabled: boolean;
  /** Null: the team is there. Else when it is back, as far as that is known. */
  away: { until: string | null } | null;
}
