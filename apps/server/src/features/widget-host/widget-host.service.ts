import type { WidgetConfig } from '@parley/contract/wire';
import { fixedStatement } from '@parley/db/fixed-statement';
import { sql } from 'kysely';
import {
  describeWidget,
  type WidgetSource,
  widgetSettings,
} from '#features/projects/widget-settings.service.ts';
import { findCalendar } from '#features/working-hours/working-hours.service.ts';
import { isOpen, nextOpening } from '#features/working-hours/working-time.service.ts';
import type { ReadContext } from '#platform/unit-of-work.ts';

interface HostRow extends WidgetSource {
  id: number;
  timezone: string;
}

const selectByToken = fixedStatement<HostRow, [string]>(
  (token) => sql`
    select p.id, p.timezone, p.widget_token, p.conversations_enabled, p.conversations_settings from projects p
    where p.token = ${token}`,
);

/** What Parley's own widget is told besides what the published one is. */
export interface HostedWidget extends WidgetConfig {
  restoreEnabled: boolean;
  /** Null: it is working time. Else when the next one begins, where there is one. */
  away: { until: string | null } | null;
}

/** The widget of a project by the project's token; undefined where there is none. */
export async function findHostedWidget(
  context: ReadContext,
  token: string,
): Promise<HostedWidget | undefined> {
  const [row] = await selectByToken(context.tx, token);
  const widget = row ? describeWidget(row) : false;
  if (!row || !widget) return undefined;
  const { widget_restore_enabled: isOn, widget_domains: domains } = widgetSettings(
    row.conversations_settings,
  );
  const calendar = await findCalendar(context, row);
  const until = isOpen(calendar, context.now) ? undefined : nextOpening(calendar, context.now);
  return {
    ...widget,
    // Whoever is mailed a way back is mailed to a page of this list.
    restoreEnabled: isOn && domains.length > 0,
    away: isOpen(calendar, context.now) ? null : { until: until?.toISOString() ?? null },
  };
}
