import type { Kept, Page, Theme, Traits, Visitor, WidgetConfig } from '../shared/protocol.ts';
import type { Message, StoredFile, Ticket } from './api.ts';
import type { Connection } from './live.ts';

export type View = 'identify' | 'list' | 'conversation' | 'restore';

/** A message that the server has not confirmed. */
export interface Pending {
  /** Sent with each try, so that it arrives once. */
  key: string;
  /** Undefined: it opens a conversation. */
  ticketId: string | undefined;
  /** Which conversation to be, of those that began in this page. */
  conversation: number;
  text: string;
  files: StoredFile[];
  /** When it failed: why, as the customer is told. */
  failed: string | undefined;
  /** Once it arrived, as the message that it is; until that is on the screen this one is. */
  sentId: string | undefined;
}

/** A file on its way to the server, or there and in no message yet. */
export interface Attached {
  key: string;
  name: string;
  /** 0 to 1. */
  progress: number;
  file: StoredFile | undefined;
  failed: string | undefined;
  cancel(): void;
}

export interface State {
  config: WidgetConfig;
  visitor: Visitor;
  page: Page;
  theme: Theme;
  traits: Traits;
  isOpen: boolean;
  isSilent: boolean;
  view: View;
  connection: Connection;
  /** Undefined until they were asked for once. */
  tickets: Ticket[] | undefined;
  /** Undefined: the conversation to be. */
  ticketId: string | undefined;
  messages: Record<string, Message[]>;
  pending: Pending[];
  drafts: Record<string, string>;
  attached: Record<string, Attached[]>;
  typing: Record<string, boolean>;
  /** The instant of the last message that the team has read, by ticket. */
  seen: Record<string, string>;
  rated: Record<string, 'good' | 'bad'>;
  /** Said aloud to those who hear the screen. */
  announced: string;
}

/** Of a ticket, or of the conversation to be. */
export const placeOf = (ticketId: string | undefined): string => ticketId ?? 'new';

export interface Store {
  get(): State;
  set(changes: Partial<State>): void;
  subscribe(listener: () => void): () => void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(changes) {
      state = { ...state, ...changes };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export function initialState(
  config: WidgetConfig,
  start: { visitor: Visitor; kept: Kept; theme: Theme; page: Page; isOpen: boolean },
): State {
  const { visitor, kept, theme, page, isOpen } = start;
  const state: State = {
    config,
    visitor,
    page,
    theme,
    traits: visitor.traits,
    isOpen,
    isSilent: kept.isSilent ?? false,
    view: 'conversation',
    connection: 'live',
    tickets: undefined,
    ticketId: kept.ticketId,
    messages: {},
    pending: (kept.pending ?? []).map((one) => ({ ...one, failed: undefined, sentId: undefined })),
    drafts: kept.drafts ?? {},
    attached: {},
    typing: {},
    seen: {},
    rated: {},
    announced: '',
  };
  return mustIdentify(state) ? { ...state, view: 'identify' } : state;
}

/** Whether the project wants an address before anything else. */
export function mustIdentify({ config, traits, visitor, ticketId }: State): boolean {
  return config.requireEmail && !traits.email && !visitor.identity && ticketId === undefined;
}
