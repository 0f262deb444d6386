import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllowList } from '#platform/outbound-address.ts';
import { answer, type Receiver, startReceiver } from './testing.ts';
import { createPost, type PostInput } from './webhooks.post.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const never = new AbortController().signal;
const allow = ['127.0.0.1'];
const post = createPost({ allow, isAllowed: parseAllowList(allow), timeoutMs: 1500 });
const input = (url: string, signal = never): PostInput => ({
  url,
  headers: { 'webhook-id': 'x' },
  body: '{"id":"x"}',
  at: new Date(),
  signal,
});
const to = (path: string) => post(input(`${receiver.origin}${path}`));

describe('one attempt', () => {
  it('is delivered by any status from 200 to 299, and keeps the beginning of the answer', async () => {
    receiver.behave('/ok', answer(202, {}, 'taken\0 \u001b[31m'));
    const posted = await to('/ok');
    expect(posted).toMatchObject({ isDelivered: true, status: 202, body: 'taken [31m', error: null });
    expect(receiver.received('/ok')[0]).toMatchObject({ body: '{"id":"x"}', headers: { 'webhook-id': 'x' } });
  });

  it.each([400, 404, 410, 500, 503])('fails by %s', async (status) => {
    receiver.behave('/status', answer(status, {}, 'why'));
    const expected = { isDelivered: false, status, body: 'why', error: `Answered ${status}.` };
    expect(await to('/status')).toMatchObject(expected);
  });

  it('tells what Retry-After says', async () => {
    receiver.behave('/busy', answer(429, { 'retry-after': '120' }));
    expect(await to('/busy')).toMatchObject({ status: 429, retryAfter: '120' });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %s to a private address', async (status) => {
    receiver.behave('/away', answer(status, { location: `${receiver.origin}/private` }));
    const error = `Answered ${status}: redirects are not followed.`;
    expect(await to('/away')).toMatchObject({ isDelivered: false, status, error });
    expect(receiver.received('/private')).toEqual([]);
  });

  it('gives up on a receiver that never answers', async () => {
    receiver.behave('/hang', () => {});
    expect(await to('/hang')).toMatchObject({ status: undefined, error: 'No answer in time.' });
  });

  it('gives up on one that sends its header drop by drop', async () => {
    receiver.behave('/drops', (response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
      const timer = setInterval(() => response.socket?.write('.'), 50);
      response.on('close', () => clearInterval(timer));
    });
    expect(await to('/drops')).toMatchObject({ isDelivered: false, error: 'No answer in time.' });
  });

  it('does not wait for the end of an answer that drips', async () => {
    receiver.behave('/drip', (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const posted = await to('/drip');
    expect(posted).toMatchObject({ isDelivered: true, status: 200 });
    expect(posted.body).toMatch(/^\.+$/);
  });

  it('reads the beginning of an endless answer, and drops the rest', async () => {
    let sent = 0;
    let ended: Promise<void> | undefined;
    receiver.behave('/endless', (response) => {
      ended = new Promise((resolve) => response.on('close', resolve));
      const more = () => {
        if (response.destroyed) return;
        sent += 65_536;
        if (response.write('é'.repeat(32_768))) setImmediate(more);
        else response.once('drain', more);
      };
      response.writeHead(200);
      more();
    });
    const posted = await to('/endless');
    expect(posted).toMatchObject({ isDelivered: true, body: 'é'.repeat(1000) });
    await ended;
    expect(sent).toBeLessThan(20_000_000);
  });

  it('says that a connection was reset', async () => {
    receiver.behave('/reset', (_response, _received, request) => request.socket.resetAndDestroy());
    expect(await to('/reset')).toMatchObject({ status: undefined, error: 'The connection was broken off.' });
  });

  it('says that nobody listens, or that there is no such host', async () => {
    const gone = await startReceiver();
    await gone.close();
    expect((await post(input(`${gone.origin}/`))).error).toBe('The connection was refused.');
    expect((await post(input('https://nobody.invalid/'))).error).toMatch(/^The host name/);
  });

  it('ends when the process does', async () => {
    const stopping = new AbortController();
    receiver.behave('/stop', () => stopping.abort());
    const posted = await post(input(`${receiver.origin}/stop`, stopping.signal));
    expect(posted).toMatchObject({ isInterrupted: true, isDelivered: false });
  });
});

describe('what is not on the list of the operator', () => {
  const strict = createPost({ allow: [], isAllowed: parseAllowList([]), timeoutMs: 1500 });

  it('is refused at the connection when a name leads inside, without telling where', async () => {
    const { port } = new URL(receiver.origin);
    const posted = await strict(input(`https://localhost:${port}/inside`));
    expect(posted).toMatchObject({ status: undefined, error: 'The host does not lead to a public address.' });
    expect(receiver.received('/inside')).toEqual([]);
  });

  it.each(['http://127.0.0.1/', 'https://127.0.0.1/', 'https://169.254.169.254/', 'http://example.com/'])(
    'is not even tried: %s',
    async (url) => {
      expect((await strict(input(url))).error).toMatch(/public address|https/);
    },
  );
});
