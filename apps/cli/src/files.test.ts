import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTicket, listMessages } from '../../server/src/testing/fixtures.ts';
import { run, startInstallation } from './testing.ts';

let server: Awaited<ReturnType<typeof startInstallation>>;
let folder: string;
beforeAll(async () => {
  server = await startInstallation();
  folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const parley = (args: string[]) => run(args, { environment: server.environment });

it('parley files upload sends a file by its own name or another, for a reply to take along', async () => {
  const ticket = await createTicket(server.app);
  const path = join(folder, 'plan.txt');
  await writeFile(path, 'The plan');
  const upload = async (...more: string[]) => {
    const { out, err, exitCode } = await parley(['files', 'upload', '--file', path, '--json', ...more]);
    expect(exitCode, err).toBe(0);
    return JSON.parse(out);
  };
  const [own, named] = [await upload(), await upload('--name', 'other.txt')];
  expect([own.name, named.name]).toEqual(['plan.txt', 'other.txt']);
  const number = String(ticket.ticket_number);
  const sent = await parley([
    ...['tickets', 'reply', number, '--message', 'Here', '--file-ids', own.id, '--file-ids', named.id],
  ]);
  expect(sent.exitCode, sent.err).toBe(0);
  const [message] = await listMessages(server.app, ticket.id);
  expect(message?.content).toBe(`Here\n\n[plan.txt](${own.url})\n\n[other.txt](${named.url})`);
});

it('parley files upload says what is wrong with a file', async () => {
  const missing = await parley(['files', 'upload', '--file', join(folder, 'none')]);
  expect([missing.exitCode, missing.err]).toEqual([1, expect.stringContaining('ENOENT')]);
  await writeFile(join(folder, 'empty'), '');
  const empty = await parley(['files', 'upload', '--file', join(folder, 'empty')]);
  expect([empty.exitCode, empty.err]).toEqual([1, expect.stringContaining('The file is empty.')]);
});
