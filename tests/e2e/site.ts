import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a page gets `posthog-js`: by script tag, with the configuration in it, or as a module. */
export type Form = 'array' | 'snippet' | 'module';

export interface SiteOptions {
  /** Where Parley is. */
  api: string;
  /** Of the project. */
  token: string;
}

/** A customer's site on an origin of its own: every page of it holds the widget. */
export interface Site {
  origin: string;
  /** The address of a page; `init` is laid over what posthog is started with. */
  page(options?: { form?: Form; path?: string; init?: object }): string;
  close(): Promise<void>;
}

const SCRIPTS: Readonly<Record<Form, (options: SiteOptions, init: string) => string>> = {
  array: ({ api }, init) => `<script src="${api}/static/array.js"></script><script>${init}</script>`,
  snippet: ({ api, token }, init) =>
    `<script src="${api}/array/${token}/array.js"></script><script>${init}</script>`,
  module: ({ api }, init) =>
    `<script type="module">import posthog from '${api}/static/module.mjs'; window.posthog = posthog; ${init}</script>`,
};

const isForm = (text: string | null): text is Form => text !== null && text in SCRIPTS;

/** Serves pages that are not UTF-8 and say so nowhere else: scripts have to bring their own. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://site');
    const form = searchParams.get('form');
    const init = { api_host: options.api, ...JSON.parse(searchParams.get('init') ?? '{}') };
    const start = `posthog.init(${JSON.stringify(options.token)}, ${JSON.stringify(init)});`;
    response.writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' });
    response.end(
      `<!doctype html><title>Shop</title><h1>Shop</h1>${SCRIPTS[isForm(form) ? form : 'array'](options, start)}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    page: ({ form = 'array', path = '/', init = {} } = {}) => {
      const url = new URL(path, origin);
      url.searchParams.set('form', form);
      url.searchParams.set('init', JSON.stringify(init));
      return url.href;
    },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
