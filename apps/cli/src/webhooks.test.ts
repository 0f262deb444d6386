import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTicket, reply } from '../../server/src/testing/fixtures.ts';
import { run, startInstallation } from './testing.ts';

const BIN = fileURLToPath(new URL('../bin/parley.js', import.meta.url));

let installation: Awaited<ReturnType<typeof startInstallation>>;
beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation.close());

/** Starts `webhooks tail` and waits until it listens. */
async function tail(...args: string[]) {
  const env = { PATH: process.env.PATH, ...installation.environment };
  const child = spawn(process.execPath, [BIN, 'webhooks', 'tail', ...args], { env });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await vi.waitFor(() => expect(output.err).toContain('Listening'), { timeout: 15_000 });
  return { output, ended };
}

describe('parley webhooks tail', () => {
  it('prints events by either name, and posts them signed', async () => {
    const received: { headers: Record<string, string>; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const target = `http://127.0.0.1:${port}/hook`;
    const names = ['--event', '$conversation_message_sent', '--event', 'tickets.create'];
    const { output, ended } = await tail(...names, '--forward', target, '--count', '2', '--json');
    const ticket = await createTicket(installation.app);
    await reply(installation.app, ticket.id, 'Hello there');
    expect(await ended).toBe(0);
    const printed = output.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(printed.map(({ type }) => type)).toEqual(['tickets.create', 'tickets.reply']);
    expect(printed[1]).toMatchObject({ ticket_id: ticket.id, data: { message_content: 'Hello there' } });
    const secret = /whsec_\S+/.exec(output.err)?.[0] ?? '';
    for (const [index, { headers, body }] of received.entries()) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(printed[index]);
    }
    expect(received).toHaveLength(2);
    expect(output.err.match(/-> 200/g)).toHaveLength(2);
    server.close();
  });

  it('goes on when nobody listens there, and begins earlier when asked to', async () => {
    const target = ['--forward', 'http://127.0.0.1:1/', '--secret', 'whsec_c2VjcmV0'];
    const { output, ended } = await tail('--after', '0', '--count', '2', ...target);
    expect(await ended).toBe(0);
    expect(output.out).toMatch(/^\S+Z {2}1 {2}tickets\.create {2}#\d+\n/);
    expect(output.err.match(/-> failed/g)).toHaveLength(2);
    expect(output.err).not.toContain('whsec_');
  });

  it.each([
    ['--forward', 'localhost:3000'],
    ['--secret', 'mine'],
    ['--after', 'now'],
  ])('refuses %s %s', async (...args) => {
    const { environment } = installation;
    expect((await run(['webhooks', 'tail', ...args], { environment })).exitCode).toBe(2);
  });
});
