import type { ConversationsSettings } from '@parley/contract/projects';
import { readResponseTargets } from '@parley/contract/response-targets';
import { invalid } from '#platform/api-error.ts';
import type { SecretBox } from '#platform/secret-box.ts';
import { parseDomain } from './widget-domains.service.ts';
import { WIDGET_DEFAULTS } from './widget-settings.service.ts';

type Settings = Record<string, unknown>;

const MAX_LENGTH = 20_000;
/** Under this name the sealed key of the AI provider is stored. It never leaves the server. */
const SEALED_KEY = 'ai_api_key_sealed';
/** Not to be written by a client. */
const READ_ONLY = ['ai_api_key_set', 'widget_public_token', SEALED_KEY];
const NESTED = 'status_rules';

/** What holds while a project has not set it. */
const DEFAULTS = {
  email_enabled: false,
  notification_recipients: [],
  ai_assistant_name: 'AI assistant',
  undo_send_seconds: 10,
  capture_workflow_emails: true,
};
const RULE_DEFAULTS = { reply_opens_new: true, customer_reopens: true, follow_up_after_days: null };

/** Settings as a client may read them: what was set over what holds without. */
export function presentSettings(settings: Settings, widgetToken: string | null): Settings {
  const { [SEALED_KEY]: sealed, [NESTED]: rules, ...shown } = settings;
  const status_rules = { ...RULE_DEFAULTS, ...asObject(rules) };
  return {
    ...DEFAULTS,
    ...WIDGET_DEFAULTS,
    ...shown,
    response_target_groups: readResponseTargets(shown),
    status_rules,
    ai_api_key_set: typeof sealed === 'string',
    widget_public_token: widgetToken,
  };
}

/** Puts what was sent over what is there, key by key; null removes a key. */
export function mergeSettings(stored: Settings, sent: ConversationsSettings, box: SecretBox): Settings {
  checkUrl(sent.ai_base_url);
  checkColor(sent.widget_color);
  checkLabels(sent.response_target_groups ?? []);
  const merged: Settings = { ...stored };
  for (const [key, value] of Object.entries(sent)) {
    if (READ_ONLY.includes(key)) continue;
    if (key === 'ai_api_key') put(merged, SEALED_KEY, sent.ai_api_key ? box.seal(sent.ai_api_key) : null);
    else if (key === 'widget_domains') put(merged, key, checkDomains(sent.widget_domains ?? []));
    else if (key === NESTED) put(merged, key, { ...asObject(stored[key]), ...asObject(value) });
    else put(merged, key, value);
  }
  if (sendsKeyElsewhere(stored, sent)) delete merged[SEALED_KEY];
  if (JSON.stringify(merged).length > MAX_LENGTH) {
    throw invalid(
      'conversations_settings',
      `Ensure this has no more than ${MAX_LENGTH} characters.`,
      'max_length',
    );
  }
  return merged;
}

/** A key is for one provider: whoever may name another one must not have it sent there without knowing it. */
function sendsKeyElsewhere(stored: Settings, sent: ConversationsSettings): boolean {
  if (sent.ai_base_url === undefined || sent.ai_api_key !== undefined) return false;
  return sent.ai_base_url !== (stored.ai_base_url ?? null);
}

function put(settings: Settings, key: string, value: unknown): void {
  if (value === null) delete settings[key];
  else settings[key] = value;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function checkColor(text: string | null | undefined): void {
  if (text === undefined || text === null || /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) return;
  throw invalid('conversations_settings__widget_color', 'Enter a colour such as #1d4aff.');
}

/** Empty entries of a form are left out. */
function checkDomains(entries: readonly string[]): string[] {
  return entries.flatMap((entry, index) => {
    const text = entry.trim();
    if (text === '') return [];
    if (parseDomain(text)) return [text];
    throw invalid(
      `conversations_settings__widget_domains__${index}`,
      'Enter a host such as example.com or *.example.com.',
    );
  });
}

/** A ladder with two groups of one name is none, so it is not taken. */
function checkLabels(groups: readonly { label: string }[]): void {
  const labels = groups.map(({ label }) => label);
  const index = labels.findIndex((label, at) => labels.indexOf(label) !== at);
  if (index < 0) return;
  throw invalid(
    `conversations_settings__response_target_groups__${index}__label`,
    'Another group has this label.',
    'unique',
  );
}

function checkUrl(text: string | null | undefined): void {
  if (!text) return;
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return;
  throw invalid('conversations_settings__ai_base_url', 'Enter a valid URL.');
}
