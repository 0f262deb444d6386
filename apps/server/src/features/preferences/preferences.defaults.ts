import type { NotificationChannel, NotificationKind, Preferences } from '@parley/contract/preferences';

export type Choices = Omit<Preferences, 'client_state' | 'version' | 'updated_at'>;
export type NotificationChoices = Record<NotificationKind, Record<NotificationChannel, boolean>>;

const SILENT = { in_app: false, browser: false, email: false, sound: false };
const SEEN = { ...SILENT, in_app: true, browser: true };
const URGENT = { ...SEEN, email: true };

/** Who never chose hears of what is theirs, and is mailed what they must not miss. */
const NOTIFICATIONS: NotificationChoices = {
  assigned: SEEN,
  mentioned: URGENT,
  customer_replied: SEEN,
  sla_at_risk: SEEN,
  sla_breached: URGENT,
  new_ticket: SILENT,
};

/** What holds while a person has not chosen. */
export const DEFAULTS: Choices = {
  theme: 'system',
  density: 'comfortable',
  locale: null,
  timezone: null,
  send_on_enter: false,
  after_send: 'stay',
  undo_seconds: null,
  key_bindings: {},
  notifications: NOTIFICATIONS,
};
