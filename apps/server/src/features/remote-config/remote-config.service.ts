import type { RemoteConfig, WidgetConfig } from '@parley/contract/wire';
import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import { widgetSettings } from '#features/projects/widget-settings.service.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

interface ConfigRow {
  widget_token: string | null;
  conversations_enabled: boolean;
  conversations_settings: Record<string, unknown>;
}

const selectByToken = fixedStatement<ConfigRow, [string]>(
  (token) => sql`
    select p.widget_token, p.conversations_enabled, p.conversations_settings from projects p
    where p.token = ${token}`,
);

/** What a page of this project is told (widget.md 3); undefined for a token that nobody has. */
export async function findRemoteConfig(
  { tx }: Pick<ReadContext, 'tx'>,
  token: string,
): Promise<RemoteConfig | undefined> {
  const [row] = await selectByToken(tx, token);
  return row && { token, conversations: describeWidget(row), ...QUIET };
}

/** Everything of the client that Parley has no answer to. */
const QUIET = {
  hasFeatureFlags: false,
  supportedCompression: ['gzip', 'gzip-js'],
  analytics: { endpoint: '/i/v0/e/' },
  autocapture_opt_out: true,
  autocaptureExceptions: false,
  captureDeadClicks: false,
  capturePerformance: false,
  defaultIdentifiedOnly: true,
  elementsChainAsString: true,
  errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
  heatmaps: false,
  isAuthenticated: false,
  productTours: false,
  sessionRecording: false,
  siteApps: [],
  surveys: false,
  toolbarParams: {},
} satisfies Omit<RemoteConfig, 'token' | 'conversations'>;

function describeWidget({
  widget_token: token,
  conversations_enabled: isOn,
  conversations_settings: stored,
}: ConfigRow): WidgetConfig | false {
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

/** A script that leaves the configuration where the client looks first. Nothing in it can end a script element. */
export function toScript(config: RemoteConfig): string {
  const own = JSON.stringify({ config, siteApps: [] });
  const [name, value] = [JSON.stringify(config.token), own].map((text) => text.replaceAll('<', '\\u003c'));
  return `(function(){var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};all[${name}]=${value};})();\n`;
}
