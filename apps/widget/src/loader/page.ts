/** Calls back whenever the page goes somewhere else without being loaded again. */
export function watchAddress(changed: (url: string) => void): void {
  let last = location.href;
  const look = () => {
    if (location.href === last) return;
    last = location.href;
    changed(last);
  };
  addEventListener('popstate', look);
  addEventListener('hashchange', look);
  // Routers push addresses without an event of any kind.
  setInterval(look, 1000);
}

/** Keeps an element in the page, also where the page replaces its body. */
export function keepInPage(element: HTMLElement): void {
  const place = () => {
    if (!element.isConnected && document.body) document.body.append(element);
  };
  place();
  if (!document.body) addEventListener('DOMContentLoaded', place, { once: true });
  let body: HTMLElement | undefined;
  const watch = () => {
    place();
    if (!document.body || document.body === body) return;
    body = document.body;
    observer.observe(body, { childList: true });
  };
  const observer = new MutationObserver(watch);
  observer.observe(document.documentElement, { childList: true });
  watch();
}

const PARAMETER = 'ph_conv_restore';

/** Takes the token of a mailed link out of the address, so that nobody passes it on with it. */
export function takeRestoreToken(): string | undefined {
  const url = new URL(location.href);
  const token = url.searchParams.get(PARAMETER) ?? undefined;
  if (token === undefined) return undefined;
  const clean = () => {
    const now = new URL(location.href);
    if (!now.searchParams.has(PARAMETER)) return;
    now.searchParams.delete(PARAMETER);
    history.replaceState(history.state, '', now);
  };
  clean();
  // Routers that start later put back what they found.
  for (const delay of [50, 500, 2000]) setTimeout(clean, delay);
  return token;
}

/** Whether a page may show the widget: `x.org`, `https://x.org` or `*.x.org`; none at all is every page. */
export function isAllowedHost(host: string, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  return domains.some((entry) => {
    const name = entry
      .toLowerCase()
      .replace(/^[a-z]+:\/\//, '')
      .replace(/[:/?#].*$/, '');
    if (name === '*') return true;
    return name.startsWith('*.') ? host === name.slice(2) || host.endsWith(name.slice(1)) : host === name;
  });
}
