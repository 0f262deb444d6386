import type { FastifyRequest } from 'fastify';
import { isListed } from '#features/projects/widget-domains.service.ts';
import { widgetSettings } from '#features/projects/widget-settings.service.ts';
import type { Project } from '#platform/actor.ts';
import { isOwnFrame, pageOf } from './origin-rules.ts';
import { notAllowed } from './widget-error.ts';

const PARAMETER = 'ph_conv_restore';
const MISMATCH = 'URL must match request origin';

export function checkRestoreIsOn(project: Project): void {
  if (!widgetSettings(project.settings).widget_restore_enabled) throw notAllowed('Restore is not enabled');
}

/**
 * The page a mailed link may lead to: one of the site that asks, which is on the project's list. Everything that reads
 * an address must read the same host out of it, so one that could be read in two ways is refused.
 */
export function checkRestorePage(project: Project, request: FastifyRequest, text: string, own: URL): URL {
  const url = URL.parse(text);
  if (!url || isAmbiguous(text, url)) throw notAllowed(MISMATCH);
  const page = pageOf(request);
  const isSame = page !== undefined && URL.parse(page)?.host === url.host;
  // Our own frame asks for the page that it is in; whichever that is, it is on the list below.
  if (!isSame && !isOwnFrame(request, own)) throw notAllowed(MISMATCH);
  const { widget_domains: domains } = widgetSettings(project.settings);
  if (!isListed(url.hostname, domains)) throw notAllowed('URL domain not allowed');
  return url;
}

/**
 * Whether the host is written in any other way than browsers write it (a name before an `@`, escapes, missing slashes),
 * or the address holds what browsers and mail programs disagree on.
 */
function isAmbiguous(text: string, url: URL): boolean {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1];
  return authority?.toLowerCase() !== url.host || /[\\\s\p{Cc}\p{Cf}]/u.test(text);
}

/** The link itself: the page with its query, and the token in place of any other. */
export function restoreLink(page: URL, token: string): string {
  const link = new URL(page);
  link.hash = '';
  const kept = link.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && pair.split('=', 1)[0] !== PARAMETER);
  link.search = [...kept, `${PARAMETER}=${token}`].join('&');
  return link.href;
}
