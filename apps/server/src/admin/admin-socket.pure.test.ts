import { once } from 'node:events';
import { link, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invalid } from '#platform/api-error.ts';
import { createLogger } from '#platform/log.ts';
import { readLines, SOCKET_FILE } from './admin-protocol.ts';
import { type AdminSocket, type AdminSocketParts, startAdminSocket } from './admin-socket.ts';

const handlers: AdminSocketParts['handlers'] = {
  echo: async (args) => args,
  refuse: async () => {
    throw invalid('email', 'No.', 'unique');
  },
  fail: async () => {
    throw new Error('The disk is full.', { cause: new Error('ENOSPC') });
  },
};

let folder: string;
let path: string;
let admin: AdminSocket | undefined;
const start = async (more: AdminSocketParts['handlers'] = {}) => {
  admin = await startAdminSocket({ path, handlers: { ...handlers, ...more }, log: createLogger('silent') });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-admin-'));
  path = join(folder, 'data', SOCKET_FILE);
});
afterEach(async () => {
  await admin?.close();
  admin = undefined;
  await rm(folder, { recursive: true });
});

async function ask(text: string): Promise<unknown[]> {
  const socket = connect(path);
  socket.end(text);
  const answers: unknown[] = [];
  for await (const line of readLines(socket)) answers.push(JSON.parse(line));
  return answers;
}

describe('admin socket', () => {
  it('answers one line per line', async () => {
    await start();
    expect(await ask('{"command":"echo","args":{"a":"ä"}}\n{"command":"echo"}\n')).toEqual([
      { ok: true, result: { a: 'ä' } },
      { ok: true, result: {} },
    ]);
  });

  it('says why a command failed', async () => {
    await start();
    expect(await ask('{"command":"refuse"}\n{"command":"fail"}\n')).toEqual([
      { ok: false, error: { code: 'unique', detail: 'No.', attr: 'email' } },
      { ok: false, error: { code: 'error', detail: 'The disk is full. ENOSPC', attr: null } },
    ]);
  });

  it.each(['{"command":"toString"}', '{"command":7}', 'null', '{', ''])('does not take %j', async (line) => {
    await start();
    expect(await ask(`${line}\n`)).toMatchObject([{ ok: false, error: { code: 'unknown_command' } }]);
  });

  it('ends a connection whose line never ends, and goes on serving others', async () => {
    await start();
    const socket = connect(path);
    // Being cut off while it writes is an error to the one who writes.
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('x'.repeat(200_000));
    await closed;
    expect(await ask('{"command":"echo"}\n')).toEqual([{ ok: true, result: {} }]);
  });

  it('is reachable for this account only', async () => {
    await start();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
  });

  it('replaces what a killed process left behind', async () => {
    await start();
    // Closing removes the one name it knows: under the other one the socket stays, as after a kill.
    const other = createServer().listen(join(folder, 'dead'));
    await once(other, 'listening');
    await admin?.close();
    await link(join(folder, 'dead'), path);
    other.close();
    await once(other, 'close');
    expect((await stat(path)).isSocket()).toBe(true);
    await start();
    expect(await ask('{"command":"echo"}\n')).toEqual([{ ok: true, result: {} }]);
  });

  it('lets the server start where the path is too long for a socket', async () => {
    path = join(folder, 'x'.repeat(100), SOCKET_FILE);
    await start();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('lets a running command end, and removes itself', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<string>();
    await start({
      slow: () => {
        started.resolve();
        return finish.promise;
      },
    });
    const answers = ask('{"command":"slow"}\n');
    await started.promise;
    const closed = admin?.close();
    finish.resolve('done');
    expect(await answers).toEqual([{ ok: true, result: 'done' }]);
    await closed;
    admin = undefined;
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});
