import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ShopOptions {
  /** Where Parley is. */
  api: string;
  token: string;
}

export interface ShopPage {
  path?: string;
  /** What the page starts the widget with. */
  settings?: object;
  attributes?: Readonly<Record<string, string>>;
  /** Markup of the page's own. */
  body?: string;
  /** Default: the strictest that the widget needs (docs/widget.md). */
  policy?: string;
}

/** A customer's site that holds Parley's own widget, as strict as a site can be. */
export interface Shop {
  origin: string;
  page(options?: ShopPage): string;
  close(): Promise<void>;
}

export async function openShop({ api, token }: ShopOptions): Promise<Shop> {
  const strict = `default-src 'none'; script-src ${api} 'nonce-shop'; frame-src ${api}; style-src 'unsafe-inline'`;
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://shop');
    const {
      settings = {},
      attributes = {},
      body = '',
      policy = strict,
    }: ShopPage = JSON.parse(searchParams.get('page') ?? '{}');
    const more = Object.entries(attributes).map(([name, value]) => ` data-${name}="${value}"`);
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    });
    response.end(
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title>` +
        `<script nonce="shop">window.parleySettings = ${JSON.stringify(settings)};</script>` +
        `<script async src="${api}/parley.js" data-token="${token}"${more.join('')}></script>` +
        `<main><h1>Shop</h1>${body}</main></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    page: ({ path = '/', ...options } = {}) => {
      const url = new URL(path, origin);
      url.searchParams.set('page', JSON.stringify(options));
      return url.href;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
