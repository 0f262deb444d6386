import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from './data-dir-lock.ts';

/** Says `ready`, tries once for every line it is sent, says how that went, and holds on until it is stopped. */
const STARTER = `
  import { lockDataDir } from ${JSON.stringify(import.meta.resolve('./data-dir-lock.ts'))};
  import { createInterface } from 'node:readline';
  console.log('ready');
  let lock;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'release') {
      await lock.release();
      console.log('released');
      continue;
    }
    try {
      lock = await lockDataDir(process.argv[1]);
      console.log('owner');
    } catch (error) {
      console.log(error.name);
    }
  }
`;

let folder: string;
let dataDir: string;
let children: Starter[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-lock-'));
  dataDir = join(folder, 'nested', 'data');
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await rm(folder, { recursive: true });
});

interface Starter {
  process: ChildProcess;
  tell(line: 'lock' | 'release'): Promise<string>;
  kill(): Promise<void>;
}

async function startProcess(): Promise<Starter> {
  const args = ['--input-type=module', '-e', STARTER, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  const starter: Starter = {
    process: child,
    tell(line) {
      child.stdin.write(`${line}\n`);
      return nextLine();
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
  children.push(starter);
  expect(await nextLine()).toBe('ready');
  return starter;
}

async function changeLock(name: string, change: Record<string, unknown>): Promise<void> {
  const lock = JSON.parse(await readFile(join(dataDir, 'parley.lock'), 'utf8'));
  await writeFile(join(dataDir, name), JSON.stringify({ ...lock, ...change }));
}

describe('the lock of the data folder', () => {
  it('creates the folder for its owner only, and leaves no file behind', async () => {
    const lock = await lockDataDir(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dataDir)).toEqual(['parley.lock']);
    await lock.release();
    expect(await readdir(dataDir)).toEqual([]);
    await lock.release();
  });

  it('refuses another process, says who holds the folder, and lets it in after release', async () => {
    const other = await startProcess();
    expect(await other.tell('lock')).toBe('owner');
    const refusal = await lockDataDir(dataDir).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataDirInUseError);
    expect(refusal).toHaveProperty('pid', other.process.pid);
    expect(String(refusal)).toContain(
      `${dataDir} is in use by another Parley process (pid ${other.process.pid},`,
    );
    expect(await readdir(dataDir)).toEqual(['parley.lock']);
    expect(await other.tell('release')).toBe('released');
    await (await lockDataDir(dataDir)).release();
  });

  it('refuses the same process a second time', async () => {
    const lock = await lockDataDir(dataDir);
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    await lock.release();
  });

  it('takes over from a process that was killed', async () => {
    const other = await startProcess();
    expect(await other.tell('lock')).toBe('owner');
    await other.kill();
    const lock = await lockDataDir(dataDir);
    expect(await readdir(dataDir)).toEqual(['parley.lock']);
    await lock.release();
  });

  it.runIf(process.platform === 'linux').each([
    ['another start time', { startTicks: '1' }],
    ['a start of the machine before this one', { bootId: 'another' }],
  ])('takes over from the same pid with %s', async (_, change) => {
    const other = await startProcess();
    expect(await other.tell('lock')).toBe('owner');
    await changeLock('parley.lock', change);
    const lock = await lockDataDir(dataDir);
    await lock.release();
  });

  it('takes over from a starter that was killed between taking over and tidying up', async () => {
    const other = await startProcess();
    expect(await other.tell('lock')).toBe('owner');
    await other.kill();
    const { nonce } = JSON.parse(await readFile(join(dataDir, 'parley.lock'), 'utf8'));
    await changeLock(`parley.lock.${nonce}`, { nonce: 'second' });
    await changeLock('parley.lock.second.draft', { nonce: 'second' });
    const lock = await lockDataDir(dataDir);
    expect(await readdir(dataDir)).toEqual(['parley.lock']);
    await lock.release();
  });

  it('respects a starter that has taken over and is just tidying up', async () => {
    const dead = await startProcess();
    expect(await dead.tell('lock')).toBe('owner');
    await dead.kill();
    const { nonce } = JSON.parse(await readFile(join(dataDir, 'parley.lock'), 'utf8'));
    await changeLock(`parley.lock.${nonce}`, { nonce: 'second', pid: process.pid, startTicks: undefined });
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
  });

  it.each(['', '{"pid":', 'null', '[]', '{"pid":1,"nonce":"../../x"}'])(
    'takes over a damaged lock %j',
    async (text) => {
      await (await lockDataDir(dataDir)).release();
      await writeFile(join(dataDir, 'parley.lock'), text);
      const lock = await lockDataDir(dataDir);
      await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
      await lock.release();
    },
  );

  it('leaves a lock alone that is no longer its own', async () => {
    const lock = await lockDataDir(dataDir);
    await rm(join(dataDir, 'parley.lock'));
    const next = await lockDataDir(dataDir);
    await lock.release();
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    await next.release();
  });

  it('has one owner however many start at once, round after round of kills', async () => {
    const starters = await Promise.all(Array.from({ length: 5 }, startProcess));
    let running = starters;
    for (const _ of starters) {
      const answers = await Promise.all(running.map((starter) => starter.tell('lock')));
      expect(answers.toSorted()).toEqual([...answers.slice(1).map(() => 'DataDirInUseError'), 'owner']);
      const owner = running[answers.indexOf('owner')];
      await owner?.kill();
      running = running.filter((starter) => starter !== owner);
    }
    expect(running).toEqual([]);
  });

  it('has one owner among many racing starters in one process, on a stale lock', async () => {
    await (await lockDataDir(dataDir)).release();
    for (let round = 0; round < 20; round += 1) {
      const stale = { pid: 2 ** 30, nonce: `stale-${round}`, startedAt: 'long ago' };
      await writeFile(join(dataDir, 'parley.lock'), JSON.stringify(stale));
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockDataDir(dataDir)));
      const owners = results.filter((result) => result.status === 'fulfilled');
      expect(owners).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataDirInUseError);
      }
      await owners[0]?.value.release();
      expect(await readdir(dataDir)).toEqual([]);
    }
  });
});
