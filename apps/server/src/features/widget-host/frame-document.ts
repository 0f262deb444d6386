import { parseDomain } from '#features/projects/widget-domains.service.ts';
import type { HostedWidget } from './widget-host.service.ts';

/** A document of its own: only what it needs, from here alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  // Pictures in messages.
  'img-src https: http: data:',
  "base-uri 'none'",
  "form-action 'none'",
];

/** Which pages may hold the frame: those of the project's list, and ours to try it on. */
export function framePolicy(domains: readonly string[]): string {
  const hosts = domains.flatMap((entry) => {
    const domain = parseDomain(entry);
    if (!domain) return [];
    const names = domain.withSubdomains ? [domain.host, `*.${domain.host}`] : [domain.host];
    return names.flatMap((name) => [`https://${name}:*`, `http://${name}:*`]);
  });
  const ancestors = domains.length === 0 ? '*' : ["'self'", ...hosts].join(' ');
  return [...POLICY, `frame-ancestors ${ancestors}`].join('; ');
}

/** With the configuration in it, as data: nothing in it can end the element. */
export function frameDocument(widget: HostedWidget, version: string): string {
  const config = JSON.stringify(widget).replaceAll('<', '\\u003c');
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">' +
    `<title>Chat</title><script type="application/json" id="config">${config}</script>` +
    `<script type="module" src="/widget/frame.js?v=${version}"></script></head><body></body></html>\n`
  );
}
