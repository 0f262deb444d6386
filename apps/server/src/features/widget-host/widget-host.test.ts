import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setProject } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const TOKEN = 'prt_test_project';

let app: TestApp;
beforeAll(async () => {
  // A Monday, ten in the morning.
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  app.request('GET', path, { key: null, headers });
const setWidget = (settings: object) => setProject(app, { conversations_settings: settings });

/** What the module of a project says. */
async function config(token = TOKEN): Promise<Record<string, unknown> | null> {
  const { text } = await get(`/widget/${token}/config.js`);
  return JSON.parse(/^export default (.*);\n$/.exec(text)?.[1] ?? 'null');
}

describe('widget_host.loader and widget_host.script', () => {
  it('are scripts for pages of any origin, that are asked for again', async () => {
    const { status, headers, text } = await get('/parley.js');
    expect([
      status,
      headers['content-type'],
      headers['access-control-allow-origin'],
      headers['cache-control'],
    ]).toEqual([200, 'text/javascript; charset=utf-8', '*', 'public, no-cache']);
    expect(text.length).toBeGreaterThan(1000);
    expect((await get('/parley.js', { 'if-none-match': String(headers.etag) })).status).toBe(304);
    expect((await get('/parley.js', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
  });

  it('what runs in the frame is kept for good by its version, and only by that', async () => {
    const { text } = await get(`/widget/${TOKEN}/frame`);
    const address = /src="([^"]+)"/.exec(text)?.[1] ?? '';
    expect((await get(address)).headers['cache-control']).toContain('immutable');
    expect((await get('/widget/frame.js?v=old')).headers['cache-control']).toBe('public, no-cache');
  });
});

describe('widget_host.config', () => {
  it('says what the widget is like', async () => {
    await setWidget({ widget_color: '#aa3300', widget_domains: [] });
    expect(await config()).toMatchObject({
      token: expect.any(String),
      color: '#aa3300',
      widgetEnabled: true,
      restoreEnabled: false,
      away: null,
    });
    await setWidget({ widget_domains: ['shop.example'] });
    expect(await config()).toMatchObject({ restoreEnabled: true, domains: ['shop.example'] });
    await setWidget({ widget_restore_enabled: false });
    expect(await config()).toMatchObject({ restoreEnabled: false });
  });

  it('says when the team is back', async () => {
    const none = {
      monday: [],
      tuesday: [],
      wednesday: [],
      thursday: [],
      friday: [],
      saturday: [],
      sunday: [],
    };
    const set = (weekly: object) =>
      app.request('PUT', '/api/projects/1/conversations/working_hours/', { body: { weekly, holidays: [] } });
    await set({ ...none, tuesday: [{ start: '09:00', end: '17:00' }] });
    expect(await config()).toMatchObject({ away: { until: '2026-03-03T09:00:00.000Z' } });
    await set({ ...none, monday: [{ start: '09:00', end: '17:00' }] });
    expect(await config()).toMatchObject({ away: null });
  });

  it('is null where there is none', async () => {
    expect(await config('prt_nobody')).toBeNull();
    await setProject(app, { conversations_enabled: false });
    expect(await config()).toBeNull();
    expect((await get(`/widget/${TOKEN}/frame`)).status).toBe(404);
    await setProject(app, { conversations_enabled: true });
  });
});

describe('widget_host.frame', () => {
  it('runs nothing but its own script, and is held by the project’s sites alone', async () => {
    await setWidget({
      widget_domains: ['https://shop.example/x', '*.other.example', 'evil; script-src *', ''],
    });
    const policy = String((await get(`/widget/${TOKEN}/frame`)).headers['content-security-policy']);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      'img-src https: http: data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self' https://shop.example:* http://shop.example:* https://other.example:* http://other.example:* https://*.other.example:* http://*.other.example:*",
    ]);
    await setWidget({ widget_domains: [] });
    expect((await get(`/widget/${TOKEN}/frame`)).headers['content-security-policy']).toContain(
      'frame-ancestors *',
    );
  });

  it('holds no text of the project as markup', async () => {
    await setWidget({ widget_greeting_text: '</script><script>alert(1)</script>' });
    const { text } = await get(`/widget/${TOKEN}/frame`);
    expect(text.match(/<script/g)).toHaveLength(2);
    await setWidget({ widget_greeting_text: 'Hi' });
  });

  it('may send to a project that lists sites, and asks for links to those alone', async () => {
    await setWidget({ widget_domains: ['shop.example'] });
    const token = String((await config())?.token);
    const post = (path: string, origin: string, body: object) =>
      app.request('POST', `/api/conversations/v1/widget/${path}`, {
        key: null,
        headers: { 'x-conversations-token': token, origin, host: 'help.example' },
        body,
      });
    const message = { message: 'Hi', distinct_id: 'x', widget_session_id: crypto.randomUUID() };
    expect((await post('message', 'http://help.example', message)).status).toBe(200);
    expect((await post('message', 'http://evil.example', message)).status).toBe(403);
    const link = (url: string, origin = 'http://help.example') =>
      post('restore/request', origin, { email: 'a@b.example', request_url: url });
    expect((await link('https://shop.example/cart')).status).toBe(200);
    expect((await link('https://evil.example/')).status).toBe(403);
    expect((await link('https://shop.example/cart', 'http://evil.example')).status).toBe(403);
    await setWidget({ widget_domains: [] });
  });
});

describe('widget_host.demo', () => {
  it('is a page with the widget of a project on it', async () => {
    const { status, headers, text } = await get(`/widget-demo/?token=${TOKEN}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain(`data-token="${TOKEN}"`);
    expect((await get('/widget-demo/demo.js')).status).toBe(200);
  });

  it('takes nothing for a token that could be markup', async () => {
    const { text } = await get(`/widget-demo/?token=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).not.toContain('alert(1)');
  });
});
