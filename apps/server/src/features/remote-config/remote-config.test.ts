import { readFile } from 'node:fs/promises';
import { createContext, runInContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RouteDeclaration } from '@parley/contract/route';
import { wire } from '@parley/contract/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PNG, pathOf, upload } from '#features/files/testing.ts';
import { setProject } from '../../testing/fixtures.ts';
import { shapeErrors } from '../../testing/shape.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';

const TOKEN = 'prt_test_project';
const VERSION = '1.449.2';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const get = <T = never>(path: string, headers: Record<string, string> = {}) =>
  app.request<T>('GET', path, { key: null, headers: { 'accept-encoding': 'identity', ...headers } });

interface Config {
  token: string;
  conversations: Record<string, unknown> | false;
  hasFeatureFlags: boolean;
}

/** What a script leaves in the page that loads it. */
function runScript(text: string): Record<string, { config: Config; siteApps: unknown[] }> {
  const window: { _POSTHOG_REMOTE_CONFIG?: Record<string, { config: Config; siteApps: unknown[] }> } = {};
  runInContext(text, createContext({ window }));
  return window._POSTHOG_REMOTE_CONFIG ?? {};
}

describe('the configuration of a page', () => {
  it('says how the widget is, with what holds where nothing is set', async () => {
    const { status, body, headers } = await get<Config>(`/array/${TOKEN}/config`);
    expect(status).toBe(200);
    expect(shapeErrors(wire.config.responses[200], body)).toEqual([]);
    expect(body).toMatchObject({
      token: TOKEN,
      hasFeatureFlags: false,
      surveys: false,
      sessionRecording: false,
      conversations: {
        enabled: true,
        widgetEnabled: true,
        token: expect.stringMatching(/^prw_/),
        greetingText: 'Hey, how can I help you today?',
        color: '#1d4aff',
        placeholderText: 'Type your message...',
        requireEmail: false,
        collectName: false,
        identificationFormTitle: 'Before we start...',
        domains: [],
        widgetPosition: 'bottom_right',
      },
    });
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, no-cache',
    });
    expect(JSON.stringify(body)).not.toContain('quota_limited');
  });

  it('follows the settings, and no widget is there while Support is off', async () => {
    await setProject(app, {
      conversations_settings: {
        widget_enabled: false,
        widget_color: '#112233',
        widget_greeting_text: 'Moin </script> \u2028',
        widget_domains: ['shop.example'],
        widget_position: 'top_left',
        widget_require_email: true,
        widget_collect_name: 'ill-typed, from before this was checked',
      },
    });
    const { body } = await get<Config>(`/array/${TOKEN}/config`);
    expect(body.conversations).toMatchObject({
      widgetEnabled: false,
      color: '#112233',
      greetingText: 'Moin </script> \u2028',
      domains: ['shop.example'],
      widgetPosition: 'top_left',
      requireEmail: true,
      collectName: false,
    });
    const script = await get(`/array/${TOKEN}/config.js`);
    expect(script.text).not.toContain('</script>');
    expect(runScript(script.text)[TOKEN]?.config).toEqual(body);
    await setProject(app, { conversations_enabled: false });
    expect((await get<Config>(`/array/${TOKEN}/config`)).body.conversations).toBe(false);
    await setProject(app, { conversations_enabled: true, conversations_settings: {} });
  });

  it('is the same as a script, alone and before the client', async () => {
    const { body } = await get<Config>(`/array/${TOKEN}/config`);
    const script = await get(`/array/${TOKEN}/config.js`);
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(runScript(script.text)).toEqual({ [TOKEN]: { config: body, siteApps: [] } });
    const snippet = await get(`/array/${TOKEN}/array.js`);
    expect(snippet.text.startsWith(script.text)).toBe(true);
    expect(snippet.text.slice(script.text.length)).toBe(await bundle('array.js'));
  });

  it('is not sent again to whoever has it, until it changes', async () => {
    for (const path of [`/array/${TOKEN}/config`, `/array/${TOKEN}/config.js`, `/array/${TOKEN}/array.js`]) {
      const { etag } = (await get(path)).headers;
      const headers = { 'if-none-match': `W/"x", ${etag}` };
      const again = await get(path, headers);
      expect([path, again.status, again.text]).toEqual([path, 304, '']);
      expect(again.headers['access-control-allow-origin']).toBe('*');
      await setProject(app, { conversations_settings: { widget_color: '#445566' } });
      expect((await get(path, headers)).status).toBe(200);
      await setProject(app, { conversations_settings: {} });
    }
  });

  it('is there for nobody’s token', async () => {
    const odd = ['prt_unknown', 'prw_x', '%00', "'", 'x'.repeat(400), '__proto__'];
    for (const token of odd)
      for (const file of ['config', 'config.js', 'array.js']) {
        const { status, headers } = await get(`/array/${token}/${file}`);
        expect([token, file, status]).toEqual([token, file, 404]);
        expect(headers['access-control-allow-origin']).toBe('*');
      }
  });
});

const bundle = (name: string) => readFile(new URL(name, import.meta.resolve('posthog-js')), 'utf8');

describe('the files of the client', () => {
  it('come as they were published, for any page', async () => {
    const { files, version } = JSON.parse(await bundle('integrity.json'));
    expect(version).toBe(VERSION);
    for (const name of ['conversations.js', 'surveys.js', 'array.js', 'module.mjs']) {
      const { status, text, headers } = await get(`/static/${VERSION}/${name}`);
      expect([name, status]).toEqual([name, 200]);
      expect(text).toBe(await bundle(name));
      expect(headers).toMatchObject({
        etag: `"${files[name]}"`,
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('come under their former address too, which may change', async () => {
    const { status, headers } = await get('/static/conversations.js?v=1.300.0');
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=3600']);
    const again = await get('/static/conversations.js', { 'if-none-match': String(headers.etag) });
    expect(again.status).toBe(304);
  });

  it('are zipped for whoever takes that', async () => {
    const { headers } = await app.parley.api.inject({
      method: 'GET',
      url: `/static/${VERSION}/conversations.js`,
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    const { rawPayload } = await app.parley.api.inject({
      method: 'GET',
      url: `/static/${VERSION}/conversations.js`,
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(gunzipSync(rawPayload).toString()).toBe(await bundle('conversations.js'));
  });

  it('are those of the list and nothing else', async () => {
    const paths = [
      '/static/1.300.0/conversations.js',
      '/static/latest/conversations.js',
      `/static/${VERSION}/nothing.js`,
      '/static/package.json',
      '/static/integrity.json',
      '/static/conversations.js.map',
      '/static/..%2Fpackage.json',
      `/static/${VERSION}/..%2F..%2Fpackage.json`,
      '/static/%2Fetc%2Fpasswd',
      '/static/..%5cpackage.json',
      '/static/constructor',
      '/static/__proto__',
      '/static/',
      '/static',
    ];
    for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 404]);
  });
});

describe('questions about flags', () => {
  const ask = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.request<Record<string, unknown>>('POST', path, { key: null, body, headers });
    expect([path, answer.status, answer.headers['access-control-allow-origin']]).toEqual([path, 200, '*']);
    return answer.body;
  };
  const question = { token: TOKEN, distinct_id: 'x' };
  const quiet = { flags: {}, featureFlags: {}, featureFlagPayloads: {}, errorsWhileComputingFlags: false };

  it('are answered that there are none', async () => {
    expect(await ask('/flags/?v=2', question)).toEqual(quiet);
    for (const body of ['', 'nonsense', '{"a":', 'data=%%%', 'null', '[]'])
      expect(await ask('/flags?v=2&config=true', body, { 'content-type': 'text/plain' })).toEqual(quiet);
    expect(await ask('/flags/?v=2&config=true', { token: 'prt_unknown' })).toEqual(quiet);
  });

  it('bring the widget where an older client asks for everything at once, in whatever form', async () => {
    const encoded = Buffer.from(JSON.stringify({ api_key: TOKEN })).toString('base64');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const bodies: [body: unknown, headers: Record<string, string>][] = [
      [question, {}],
      [JSON.stringify(question), { 'content-type': 'text/plain' }],
      [`data=${encodeURIComponent(encoded)}`, form],
      [`data=${encodeURIComponent(JSON.stringify(question))}`, form],
      [encoded, { 'content-type': 'text/plain' }],
      [gzipSync(JSON.stringify(question)), { 'content-type': 'text/plain' }],
    ];
    for (const path of ['/flags/?v=2&config=true', '/decide/?v=3', '/decide?v=3'])
      for (const [body, headers] of bodies)
        expect(await ask(path, body, headers)).toMatchObject({
          ...quiet,
          conversations: { enabled: true, token: expect.stringMatching(/^prw_/) },
        });
  });

  it('can be no bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    expect(await ask('/flags/?config=true', bomb, { 'content-type': 'text/plain' })).toEqual(quiet);
    const large = { key: null, body: 'x'.repeat(1_100_000), headers: { 'content-type': 'text/plain' } };
    expect((await app.request('POST', '/flags/', large)).status).toBe(413);
  });
});

describe('every route of the wire', () => {
  const routes: RouteDeclaration[] = Object.values(wire);
  it.each(routes.map((route) => [route.id, route] as const))('%s is open to any page', async (_id, route) => {
    const isFile = route.id === 'files.download';
    const [, , fileToken = ''] = isFile ? pathOf((await upload(app, PNG)).body.url).split('/') : [];
    const path = route.path
      .replace(':token', isFile ? fileToken : TOKEN)
      .replace(':name', 'a.png')
      .replace(':version', VERSION)
      .replace(':file', 'array.js');
    for (const each of [path, path.replace(/\/$/, ''), `${path.replace(/\/$/, '')}/`]) {
      const answer = await app.request(route.method, each, { key: null });
      expect([each, answer.status]).toEqual([each, 200]);
    }
    const preflight = await app.request('OPTIONS', path, { key: null });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    const wrong = await app.request<{ code: string }>('DELETE', path, { key: null });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, expect.stringContaining(route.method)]);
    expect(wrong.headers['access-control-allow-origin']).toBe('*');
  });
});
