import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createOutboundFetch,
  OutboundRefusedError,
  ResponseTooLargeError,
  readLimited,
} from './outbound-fetch.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server on IPv4 loopback, and what it was asked for. */
async function serve(listener: RequestListener): Promise<{ port: number; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this form.
  return { port: (server.address() as AddressInfo).port, requests };
}

const hello: RequestListener = (_, response) => response.end('hello');
const local = createOutboundFetch({ allow: ['127.0.0.0/8'] });

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

describe('outbound fetch, without exceptions', () => {
  const guarded = createOutboundFetch({ allow: [] });

  it.each([
    ['127.0.0.1'],
    ['127.1'],
    ['0x7f.1'],
    ['0x7F000001'],
    ['2130706433'],
    ['017700000001'],
    ['127.0.0.1.'],
    ['１２７.0.0.1'],
    ['0.0.0.0'],
    ['0'],
    ['localhost'],
    ['LOCALHOST'],
    ['[::1]'],
    ['[::]'],
    ['[::ffff:127.0.0.1]'],
    ['[::ffff:7f00:1]'],
  ])('does not reach a local server as %s', async (host) => {
    const { port, requests } = await serve(hello);
    const attempt = guarded(`http://${host}:${port}/`);
    await expect(attempt).rejects.toThrow(OutboundRefusedError);
    await expect(attempt).rejects.toThrow(/^Refused to connect to .*: it is not a public address\.$/);
    expect(requests).toEqual([]);
  });

  it.each([
    ['http://10.0.0.1/'],
    ['http://172.16.0.1/'],
    ['http://192.168.1.1/'],
    ['http://100.64.0.1/'],
    ['http://169.254.169.254/latest/meta-data/'],
    ['https://169.254.169.254/'],
    ['http://[fd00:ec2::254]/'],
    ['http://[fe80::1]/'],
    ['http://[64:ff9b::a9fe:a9fe]/'],
    ['http://[2002:a9fe:a9fe::1]/'],
    ['http://224.0.0.1/'],
    ['http://255.255.255.255/'],
  ])('refuses %s', async (url) => {
    await expect(guarded(url)).rejects.toThrow(OutboundRefusedError);
  });

  it.each([
    'file:///etc/passwd',
    'data:text/plain,x',
    'blob:nodedata:1',
    'ftp://example.com/',
    'about:blank',
  ])('refuses the scheme of %s', async (url) => {
    await expect(guarded(url)).rejects.toThrow(/only http and https/);
  });

  it('names the host and the address it led to', async () => {
    await expect(guarded('http://localhost:8080/')).rejects.toThrow(/localhost \((127\.0\.0\.1|::1)\)/);
  });

  it('keeps its guard when the caller names another dispatcher', async () => {
    const { port, requests } = await serve(hello);
    const { Agent } = await import('undici');
    const init: RequestInit & { dispatcher: unknown } = { dispatcher: new Agent() };
    await expect(guarded(`http://127.0.0.1:${port}/`, init)).rejects.toThrow(OutboundRefusedError);
    expect(requests).toEqual([]);
  });

  it('fails as fetch does when nothing answers', async () => {
    await expect(local('http://127.0.0.1:9/')).rejects.toThrow(TypeError);
  });
});

describe('outbound fetch, with exceptions', () => {
  it.each([['127.0.0.1'], ['127.0.0.0/8']])(
    'reaches an address that %s allows, however it is written',
    async (entry) => {
      const { port } = await serve(hello);
      const allowed = createOutboundFetch({ allow: [entry] });
      for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]']) {
        const response = await allowed(`http://${host}:${port}/`);
        expect(await response.text()).toBe('hello');
      }
    },
  );

  it('reaches an allowed name, but not its address by itself, nor by a redirect', async () => {
    const inner = await serve(hello);
    const outer = await serve((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end();
    });
    const allowed = createOutboundFetch({ allow: ['localhost'] });
    expect(await (await allowed(`http://localhost:${inner.port}/`)).text()).toBe('hello');
    await expect(allowed(`http://127.0.0.1:${inner.port}/`)).rejects.toThrow(OutboundRefusedError);
    await expect(allowed(`http://localhost:${outer.port}/`)).rejects.toThrow(OutboundRefusedError);
    expect(inner.requests).toHaveLength(1);
    expect(outer.requests).toHaveLength(1);
  });

  it('does not reuse a connection of an allowed name for its address', async () => {
    const { port } = await serve(hello);
    const allowed = createOutboundFetch({ allow: ['localhost'] });
    await (await allowed(`http://localhost:${port}/`)).text();
    await expect(allowed(`http://127.0.0.1:${port}/`)).rejects.toThrow(OutboundRefusedError);
  });

  it('follows redirects up to the cap', async () => {
    const { port, requests } = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const capped = createOutboundFetch({ allow: ['127.0.0.1'], maxRedirects: 3 });
    expect(await (await capped(`http://127.0.0.1:${port}/3`)).text()).toBe('arrived');
    expect(requests.splice(0)).toHaveLength(4);
    await expect(capped(`http://127.0.0.1:${port}/100`)).rejects.toThrow(
      'Refused to follow more than 3 redirects.',
    );
    expect(requests).toHaveLength(4);
  });

  it('gives up after its time, while it waits for the answer or for the rest of it', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/body') response.write('the first bytes');
    });
    const hasty = createOutboundFetch({ allow: ['127.0.0.1'], timeoutMs: 100 });
    await expect(hasty(`http://127.0.0.1:${port}/`)).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    const reading = hasty(`http://127.0.0.1:${port}/body`).then((response) => response.text());
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });

  it('stops when the caller does', async () => {
    const stop = new AbortController();
    const { port } = await serve(() => stop.abort(new Error('changed my mind')));
    await expect(local(`http://127.0.0.1:${port}/`, { signal: stop.signal })).rejects.toThrow(
      'changed my mind',
    );
  });

  it('sends texts, forms and requests as fetch does', async () => {
    const { port } = await serve(async (request, response) => {
      const { method, headers } = request;
      response.end(
        JSON.stringify({
          method,
          type: headers['content-type'],
          x: headers['x-test'],
          body: await bodyOf(request),
        }),
      );
    });
    const url = `http://127.0.0.1:${port}/`;
    const send = async (...args: Parameters<typeof fetch>) => (await local(...args)).json();
    const headers = new Headers({ 'x-test': 'yes', 'content-type': 'application/json' });
    const json = { method: 'POST', type: 'application/json', x: 'yes', body: '{"a":1}' };
    expect(await send(url, { method: 'POST', headers, body: '{"a":1}' })).toEqual(json);
    expect(await send(new URL(url), { method: 'POST', headers, body: Buffer.from('{"a":1}') })).toEqual(json);
    expect(await send(new Request(url, { method: 'POST', headers, body: '{"a":1}' }))).toEqual(json);
    const form = new FormData();
    form.set('field', 'value');
    const sent = await send(url, { method: 'POST', body: form });
    expect(sent).toMatchObject({
      method: 'POST',
      type: expect.stringMatching(/^multipart\/form-data; boundary=/),
    });
    expect(sent.body).toContain('name="field"\r\n\r\nvalue\r\n');
  });
});

describe('readLimited', () => {
  it('reads a body up to the limit', async () => {
    const { port } = await serve(hello);
    expect(String(await readLimited(await local(`http://127.0.0.1:${port}/`), 5))).toBe('hello');
    await expect(readLimited(await local(`http://127.0.0.1:${port}/`), 4)).rejects.toThrow(
      ResponseTooLargeError,
    );
  });

  it('reads no body as empty', async () => {
    expect(await readLimited(new Response(null), 0)).toHaveLength(0);
  });

  it('counts what compressed bytes unfold to', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)));
    });
    await expect(readLimited(await local(`http://127.0.0.1:${port}/`), 100_000)).rejects.toThrow(
      ResponseTooLargeError,
    );
  });

  it('hangs up on a body without end', async () => {
    let hungUp: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const { port } = await serve((_, response) => {
      response.once('close', hungUp);
      const more = () => {
        while (response.write(Buffer.alloc(10_000)));
        response.once('drain', more);
      };
      more();
    });
    await expect(readLimited(await local(`http://127.0.0.1:${port}/`), 50_000)).rejects.toThrow(
      ResponseTooLargeError,
    );
    await closed;
  });
});
