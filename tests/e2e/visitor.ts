import type { BrowserContext, Locator, Page } from 'playwright-core';

/** A call of the widget's routes, as the browser made it. */
export interface WidgetCall {
  method: string;
  /** Below /api/conversations/v1/widget/, without its query. */
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  status: number | undefined;
}

/** A customer in front of a page with the original widget. */
export interface Visitor {
  page: Page;
  /** Of the widget, so far; preflights are the browser's own business. */
  calls: WidgetCall[];
  launcher: Locator;
  composer: Locator;
  /** Texts of the bubbles and of everything else in the panel. */
  panel: Locator;
  write(text: string): Promise<void>;
  /** Calls a method of `posthog` or `posthog.conversations` in the page. */
  posthog<T>(expression: string): Promise<T>;
}

const WIDGET = '/api/conversations/v1/widget/';

/** Opens a page and follows what its widget does. */
export async function visit(context: BrowserContext, url: string): Promise<Visitor> {
  const page = await context.newPage();
  const calls = followCalls(page);
  await page.goto(url);
  const panel = page.locator('#ph-conversations-widget-container');
  const composer = panel.getByPlaceholder('Type your message...');
  return {
    page,
    calls,
    panel,
    composer,
    launcher: panel.getByLabel(/^Open chat/),
    async write(text) {
      await composer.fill(text);
      await composer.press('Enter');
    },
    // Text, because the functions of a test file can't be sent to a page with what they import.
    posthog: (expression) => page.evaluate(`window.posthog.${expression}`),
  };
}

function followCalls(page: Page): WidgetCall[] {
  const calls: WidgetCall[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith(WIDGET) || request.method() === 'OPTIONS') return;
    const call: WidgetCall = {
      method: request.method(),
      path: url.pathname.slice(WIDGET.length),
      query: url.searchParams,
      body: JSON.parse(request.postData() ?? '{}'),
      status: undefined,
    };
    calls.push(call);
    // A page that is closed or left takes its requests with it.
    request.response().then(
      (response) => {
        call.status = response?.status();
      },
      () => {},
    );
  });
  return calls;
}
