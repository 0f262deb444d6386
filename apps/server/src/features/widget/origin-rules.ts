import type { FastifyRequest } from 'fastify';
import { hostOf, isListed } from '#features/projects/widget-domains.service.ts';
import { widgetSettings } from '#features/projects/widget-settings.service.ts';
import type { Project } from '#platform/actor.ts';
import { notAllowed } from './widget-error.ts';

/** Apps on phones have no page that a request could come from. */
const APP = /^posthog-(ios|android|react-native|flutter)\b/i;

/** The page a request comes from, as its browser says. */
export function pageOf({ headers }: FastifyRequest): string | undefined {
  return headers.origin ?? headers.referer;
}

/** Whether a request comes out of the frame of our own widget: which pages may hold that, its policy says. */
export function isOwnFrame({ headers }: FastifyRequest, url: URL): boolean {
  return headers.origin === url.origin;
}

/**
 * Refuses pages that are not on the project's list. It keeps other sites from embedding the widget; programs can send
 * any header, so nothing of a customer depends on it.
 */
export function checkOrigin(project: Project, request: FastifyRequest, url: URL): void {
  const { widget_domains: domains } = widgetSettings(project.settings);
  if (domains.length === 0 || isOwnFrame(request, url)) return;
  const page = pageOf(request);
  if (page === undefined && APP.test(request.headers['user-agent'] ?? '')) return;
  const host = hostOf(page);
  if (host === undefined || !isListed(host, domains)) throw notAllowed('Origin not allowed');
}
