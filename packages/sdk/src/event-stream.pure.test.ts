import { afterEach, describe, expect, it } from 'vitest';
import { createParleyClient } from './client.ts';
import type { EventsOptions, ServerEvent, StreamSignal } from './event-stream.ts';
import { json, type ScriptedServer, startScriptedServer, stream } from './testing.ts';

let server: ScriptedServer;
afterEach(() => server.close());

const client = () => createParleyClient({ baseUrl: server.baseUrl, apiKey: 'prl_x', project: 4 });

function change(seq: number): ServerEvent & { kind: 'change' } {
  return { kind: 'change', seq, name: 'tickets.update', id: `t${seq}`, version: 1, ticket_id: null };
}

function wire(seq: number): string {
  const { kind: _, ...data } = change(seq);
  return `id: ${seq}\nevent: tickets.update\ndata: ${JSON.stringify(data)}\n\n`;
}

async function take(count: number, options: EventsOptions = {}): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of client().events(options)) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

const resumedFrom = () => server.received.map(({ headers }) => headers['last-event-id']);

describe('events', () => {
  it('goes on where a broken connection ended', async () => {
    server = await startScriptedServer([
      stream([wire(1), ': heartbeat\n\n', wire(2)], 'break'),
      stream([], 'end'),
      stream([wire(3)], 'open'),
    ]);
    expect(await take(3)).toEqual([change(1), change(2), change(3)]);
    expect(resumedFrom()).toEqual([undefined, '2', '2']);
    expect(server.received[0]).toMatchObject({
      url: '/api/projects/4/events/stream/',
      headers: { authorization: 'Bearer prl_x', accept: 'text/event-stream' },
    });
  });

  it('gives an event once that is sent twice', async () => {
    const parts = [wire(7), wire(8), wire(8)];
    server = await startScriptedServer([stream(parts, 'break'), stream([wire(8), wire(9)], 'open')]);
    expect(await take(2, { lastEventId: '7' })).toEqual([change(8), change(9)]);
  });

  it('is not ended by what is no event', async () => {
    server = await startScriptedServer([stream(['id: 1\ndata: {"seq"\n\n', wire(2)], 'open')]);
    expect(await take(1)).toEqual([change(2)]);
  });

  it('starts where it is told', async () => {
    server = await startScriptedServer([stream([wire(8)], 'open')]);
    expect(await take(1, { lastEventId: 7 })).toEqual([change(8)]);
    expect(resumedFrom()).toEqual(['7']);
  });

  it('puts together what arrives in pieces', async () => {
    const text = `${wire(1).replaceAll('\n', '\r\n')}${wire(2)}`;
    server = await startScriptedServer([
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const letter of text) await new Promise((written) => response.write(letter, written));
      },
    ]);
    expect(await take(2)).toEqual([change(1), change(2)]);
  });

  it('says that everything must be fetched again, and resumes after that', async () => {
    server = await startScriptedServer([
      stream(['id: 90\nevent: reset\ndata: {"seq":90}\n\n'], 'break'),
      stream([wire(91)], 'open'),
    ]);
    expect(await take(2, { lastEventId: 3 })).toEqual([{ kind: 'reset', seq: 90 }, change(91)]);
    expect(resumedFrom()).toEqual(['3', '90']);
  });

  it('says where it stands before anything has changed', async () => {
    const ready = 'retry: 2000\nid: 5\nevent: ready\ndata: {"seq":5}\n\n';
    const later = 'id: 6\nevent: news\ndata: {"seq":6}\n\n';
    server = await startScriptedServer([stream([ready], 'end'), stream([later, wire(7)], 'open')]);
    expect(await take(2)).toEqual([{ kind: 'ready', seq: 5 }, change(7)]);
    expect(resumedFrom()).toEqual([undefined, '5']);
  });

  it('hands over signals of the moment apart, and resumes as if there were none', async () => {
    const actor = { kind: 'user', user_id: 3, name: 'Ana' };
    const presence = { ticket_id: 't1', actor, state: 'typing' };
    const personal = { name: 'notifications.create', ticket_id: null };
    const told = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    const parts = [told('presence', presence), wire(1), told('personal', personal)];
    const unknown = [
      told('presence', { state: 'typing' }),
      told('weather', {}),
      told('personal', null),
      wire(2),
    ];
    server = await startScriptedServer([stream(parts, 'break'), stream(unknown, 'open')]);
    const signals: StreamSignal[] = [];
    const options = { onSignal: (signal: StreamSignal) => signals.push(signal), clientId: 'desk' };
    expect(await take(2, options)).toEqual([change(1), change(2)]);
    expect(signals).toEqual([
      { kind: 'presence', ...presence },
      { kind: 'personal', ...personal },
    ]);
    expect(resumedFrom()).toEqual([undefined, '1']);
    expect(server.received[1]?.url).toBe('/api/projects/4/events/stream/?client_id=desk');
  });

  it('tries again while the server is not ready, and throws when it refuses', async () => {
    const error = { type: 'authentication_error', code: 'not_authenticated', detail: 'No.', attr: null };
    server = await startScriptedServer([json(503, {}), stream([wire(1)], 'break'), json(401, error)]);
    const seen: ServerEvent[] = [];
    const reading = async () => {
      for await (const event of client().events()) seen.push(event);
    };
    await expect(reading()).rejects.toMatchObject({ status: 401, code: 'not_authenticated' });
    expect(seen).toEqual([change(1)]);
  });

  it('makes a silent connection anew', async () => {
    server = await startScriptedServer([stream([wire(1)], 'open'), () => {}, stream([wire(2)], 'open')]);
    expect(await take(2, { idleMs: 50 })).toEqual([change(1), change(2)]);
    expect(resumedFrom()).toEqual([undefined, '1', '1']);
  });

  it('ends when the caller aborts', async () => {
    const stop = new AbortController();
    server = await startScriptedServer([stream([wire(1)], 'open')]);
    const seen: ServerEvent[] = [];
    for await (const event of client().events({ signal: stop.signal })) {
      seen.push(event);
      stop.abort();
    }
    expect(seen).toEqual([change(1)]);
  });

  it('closes the connection when nobody reads on', async () => {
    const closed = Promise.withResolvers<void>();
    server = await startScriptedServer([
      (response, request) => {
        response.on('close', () => closed.resolve());
        stream([wire(1)], 'open')(response, request);
      },
    ]);
    await take(1);
    await closed.promise;
  });
});
