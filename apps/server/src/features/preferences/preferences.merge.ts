import {
  CLIENT_STATE_MAX,
  KEY_BINDINGS_MAX,
  NOTIFICATION_KINDS,
  type PreferencesUpdate,
} from '@parley/contract/preferences';
import { IANAZone } from 'luxon';
import { invalid } from '#platform/api-error.ts';
import { type Choices, DEFAULTS, type NotificationChoices } from './preferences.defaults.ts';

/** What was chosen, and nothing else: what holds without a choice may change with a new version. */
export type Stored = Partial<Omit<Choices, 'notifications'>> & {
  notifications?: Partial<Record<keyof NotificationChoices, Partial<NotificationChoices['assigned']>>>;
};

/** Puts what was sent over what is there; null takes a choice back. */
export function mergeChoices(stored: Stored, sent: Omit<PreferencesUpdate, 'client_state'>): Stored {
  checkLocale(sent.locale);
  checkTimezone(sent.timezone);
  const { key_bindings, notifications, ...plain } = sent;
  const merged: Record<string, unknown> = { ...stored };
  for (const [name, value] of Object.entries(plain)) put(merged, name, value);
  if (key_bindings) merged.key_bindings = mergeKeys(stored.key_bindings ?? {}, key_bindings);
  if (notifications) {
    const kinds = NOTIFICATION_KINDS.map((kind) => [
      kind,
      { ...stored.notifications?.[kind], ...notifications[kind] },
    ]);
    merged.notifications = Object.fromEntries(kinds);
  }
  return merged;
}

/** What holds for a person: their choices over the defaults. */
export function applyChoices(stored: Stored): Choices {
  return { ...DEFAULTS, ...stored, notifications: applyNotifications(stored) };
}

export function applyNotifications(stored: Stored): NotificationChoices {
  const { notifications } = DEFAULTS;
  const chosen = stored.notifications ?? {};
  return {
    assigned: { ...notifications.assigned, ...chosen.assigned },
    mentioned: { ...notifications.mentioned, ...chosen.mentioned },
    customer_replied: { ...notifications.customer_replied, ...chosen.customer_replied },
    sla_at_risk: { ...notifications.sla_at_risk, ...chosen.sla_at_risk },
    sla_breached: { ...notifications.sla_breached, ...chosen.sla_breached },
    new_ticket: { ...notifications.new_ticket, ...chosen.new_ticket },
  };
}

/** A client's own state as it is stored. */
export function checkClientState(state: Record<string, unknown>): string {
  const text = JSON.stringify(state);
  if (text.length > CLIENT_STATE_MAX)
    throw invalid(
      'client_state',
      `Ensure this field has no more than ${CLIENT_STATE_MAX} characters.`,
      'max_length',
    );
  return text;
}

function mergeKeys(
  stored: Record<string, string>,
  sent: Record<string, string | null>,
): Record<string, string> {
  const merged: Record<string, unknown> = { ...stored };
  for (const [name, keys] of Object.entries(sent)) put(merged, name, keys);
  if (Object.keys(merged).length > KEY_BINDINGS_MAX)
    throw invalid(
      'key_bindings',
      `Ensure this field has no more than ${KEY_BINDINGS_MAX} elements.`,
      'max_length',
    );
  // Only texts were put in.
  return merged as Record<string, string>;
}

function put(choices: Record<string, unknown>, name: string, value: unknown): void {
  if (value === null) delete choices[name];
  else choices[name] = value;
}

function checkLocale(locale: string | null | undefined): void {
  if (locale === null || locale === undefined) return;
  try {
    Intl.getCanonicalLocales(locale);
  } catch {
    throw invalid('locale', 'This is no language tag.', 'invalid_choice');
  }
}

function checkTimezone(name: string | null | undefined): void {
  if (name === null || name === undefined || (/^[A-Za-z]/.test(name) && IANAZone.isValidZone(name))) return;
  throw invalid('timezone', 'This is no time zone of the IANA list.', 'invalid_choice');
}
