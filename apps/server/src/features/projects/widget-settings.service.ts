import type { ConversationsSettings } from '@parley/contract/projects';
import type { WidgetConfig } from '@parley/contract/wire';

/** What the widget is like while a project has not set it otherwise (widget.md 3.2). */
export const WIDGET_DEFAULTS = {
  widget_enabled: true,
  widget_greeting_text: 'Hey, how can I help you today?',
  widget_color: '#1d4aff',
  widget_placeholder_text: 'Type your message...',
  widget_require_email: false,
  widget_collect_name: false,
  widget_identification_form_title: 'Before we start...',
  widget_identification_form_description: 'Please provide your details so we can help you better.',
  widget_domains: [],
  widget_position: 'bottom_right',
  widget_restore_enabled: true,
} as const satisfies ConversationsSettings;

type WidgetKey = keyof typeof WIDGET_DEFAULTS;
export type WidgetSettings = { [K in WidgetKey]: NonNullable<ConversationsSettings[K]> };

/** The settings of a project's widget, with what holds where none is set. */
export function widgetSettings(stored: Readonly<Record<string, unknown>>): WidgetSettings {
  const known = Object.entries(WIDGET_DEFAULTS).map(([key, usual]) => {
    const value = stored[key];
    // What was stored before these settings were checked may be anything.
    return [key, isLike(value, usual) ? value : usual];
  });
  // Of the same keys and the same types.
  return Object.fromEntries(known) as WidgetSettings;
}

function isLike(value: unknown, usual: unknown): boolean {
  if (!Array.isArray(usual)) return typeof value === typeof usual;
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

export interface WidgetSource {
  widget_token: string | null;
  conversations_enabled: boolean;
  conversations_settings: Record<string, unknown>;
}

/** The widget of a project, as pages are told of it (widget.md 3.2); false where there is none. */
export function describeWidget({
  widget_token: token,
  conversations_enabled: isOn,
  conversations_settings: stored,
}: WidgetSource): WidgetConfig | false {
  if (!isOn || token === null) return false;
  const settings = widgetSettings(stored);
  return {
    enabled: true,
    widgetEnabled: settings.widget_enabled,
    token,
    greetingText: settings.widget_greeting_text,
    color: settings.widget_color,
    placeholderText: settings.widget_placeholder_text,
    requireEmail: settings.widget_require_email,
    collectName: settings.widget_collect_name,
    identificationFormTitle: settings.widget_identification_form_title,
    identificationFormDescription: settings.widget_identification_form_description,
    domains: settings.widget_domains,
    widgetPosition: settings.widget_position,
  };
}
