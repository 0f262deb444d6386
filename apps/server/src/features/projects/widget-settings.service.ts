import type { ConversationsSettings } from '@parley/contract/projects';

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
