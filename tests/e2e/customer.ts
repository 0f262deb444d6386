import type { BrowserContext, FrameLocator, Locator, Page, Request } from 'playwright-core';

const WIDGET = '/api/conversations/v1/widget/';

/** A customer in front of a page with Parley's own widget. */
export interface Customer {
  page: Page;
  frame: FrameLocator;
  launcher: Locator;
  field: Locator;
  /** Requests of the widget's routes, in order. */
  calls: Request[];
  /** What the page was told of errors. */
  errors: string[];
  open(): Promise<void>;
  write(text: string): Promise<void>;
  /** A bubble that holds a text. */
  bubble(text: string): Locator;
  /** Calls a method of `parley` in the page. */
  parley<T>(expression: string): Promise<T>;
}

export async function visitShop(context: BrowserContext, url: string): Promise<Customer> {
  const page = await context.newPage();
  const calls: Request[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith(WIDGET)) calls.push(request);
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Parley/.test(message.text()))
      errors.push(message.text());
  });
  await page.goto(url);
  const frame = page.frameLocator('#parley-widget iframe');
  const launcher = page.locator('#parley-widget button');
  const field = frame.locator('textarea');
  return {
    page,
    frame,
    launcher,
    field,
    calls,
    errors,
    async open() {
      await launcher.click();
      await frame.locator('header').waitFor();
    },
    async write(text) {
      await field.fill(text);
      await field.press('Enter');
    },
    bubble: (text) => frame.locator('.bubble').filter({ hasText: text }),
    // Text, because the functions of a test file can't be sent to a page with what they import.
    parley: (expression) => page.evaluate(`window.parley.${expression}`),
  };
}
