import { describe, expect, it } from 'vitest';
import { run } from './testing.ts';

/** Runs before the command and makes this Node look like an old one; a second process is not told. */
const LOOK_OLD = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });",
)}`;

describe('an old Node', () => {
  it('hands the command to the pinned one', async () => {
    const asIs = await run(['--version']);
    expect(asIs).toEqual({ exitCode: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    expect(await run(['--version'], { nodeArgs: ['--import', LOOK_OLD] })).toEqual(asIs);
  });

  it('passes the exit code and the input on', async () => {
    expect(await run(['tickets', 'fly'], { nodeArgs: ['--import', LOOK_OLD] })).toMatchObject({
      exitCode: 2,
    });
  });
});
