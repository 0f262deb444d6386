import type { RemoteConfig } from '@parley/contract/wire';
import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import { describeWidget } from '#features/projects/widget-settings.service.ts';
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

/** A script that leaves the configuration where the client looks first. Nothing in it can end a script element. */
export function toScript(config: RemoteConfig): string {
  const own = JSON.stringify({ config, siteApps: [] });
  const [name, value] = [JSON.stringify(config.token), own].map((text) => text.replaceAll('<', '\\u003c'));
  return `(function(){var all=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};all[${name}]=${value};})();\n`;
}
