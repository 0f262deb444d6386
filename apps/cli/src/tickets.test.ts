import type { Message } from '@parley/contract/messages';
import type { PageOf } from '@parley/contract/schemas';
import type { Ticket } from '@parley/contract/tickets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, startInstallation } from './testing.ts';

let server: Awaited<ReturnType<typeof startInstallation>>;
beforeAll(async () => {
  server = await startInstallation();
});
afterAll(() => server.close());

const parley = (args: string[], input = '') => run(args, { environment: server.environment, input });

async function json<T>(...args: string[]): Promise<T> {
  const { exitCode, out, err } = await parley([...args, '--json']);
  expect(err).toBe('');
  expect(exitCode).toBe(0);
  return JSON.parse(out);
}

const create = (...args: string[]) => json<Ticket>('tickets', 'create', ...args);

describe('tickets', () => {
  it('goes from creation to the end', async () => {
    const ticket = await create(
      '--message',
      'It is broken',
      '--subject',
      'Help',
      '--email',
      'kim@example.com',
    );
    expect(ticket).toMatchObject({ status: 'new', anonymous_traits: { email: 'kim@example.com' } });
    const id = String(ticket.ticket_number);
    expect((await parley(['tickets', 'reply', id, '--message', 'Try again'])).out).toBe(
      `Replied to ticket ${id}.\n`,
    );
    const note = await parley(['tickets', 'reply', id, '--note', '--message', '-'], 'Two\nlines\n');
    expect(note.out).toBe(`Added a note to ticket ${id}.\n`);
    const thread = await json<PageOf<Message>>('messages', 'list', id);
    expect(thread.results.map(({ content, is_private }) => [content, is_private])).toEqual([
      ['It is broken', false],
      ['Try again', false],
      ['Two\nlines', true],
    ]);
    const updated = await json<Ticket>('tickets', 'update', id, '--status', 'resolved', '--priority', 'high');
    expect(updated).toMatchObject({ status: 'resolved', priority: 'high' });
    expect(await parley(['tickets', 'delete', id, '--json'])).toMatchObject({ exitCode: 0, out: '' });
    expect(await parley(['tickets', 'get', id])).toEqual({
      exitCode: 1,
      out: '',
      err: 'error: Not found. (not_found)\n',
    });
    expect(await json<Ticket>('tickets', 'restore', ticket.id)).toMatchObject({ deleted_at: null });
  });

  it('sets and clears the assignee and the times', async () => {
    const { id } = await create('--assignee', 'user:1', '--snooze-until', '2026-03-05T10:00:00Z');
    const set = await json<Ticket>('tickets', 'update', id, '--sla-due-at', '2026-03-06T10:00:00Z');
    expect(set).toMatchObject({
      assignee: { type: 'user', id: 1 },
      snoozed_until: '2026-03-05T10:00:00.000Z',
      sla_due_at: '2026-03-06T10:00:00.000Z',
    });
    const clear = [
      '--assignee',
      'none',
      '--snooze-until',
      'none',
      '--sla-due-at',
      'none',
      '--priority',
      'none',
    ];
    expect(await json<Ticket>('tickets', 'update', id, ...clear)).toMatchObject({
      assignee: null,
      snoozed_until: null,
      sla_due_at: null,
      priority: null,
    });
  });

  it('tags by number and by uuid', async () => {
    const ticket = await create('--tag', 'one', '--tag', 'two');
    const id = String(ticket.ticket_number);
    const changed = await parley(['tickets', 'tag', id, '--add', 'three', '--remove', 'one']);
    expect(changed.out).toBe(`Ticket ${id}: three, two\n`);
    expect(await json('tickets', 'tag', ticket.id, '--set', 'four')).toMatchObject({
      updated: [{ id: ticket.id, tags: ['four'] }],
      skipped: [],
    });
    expect((await parley(['tickets', 'tag', id, '--set', ''])).out).toBe(`Ticket ${id} has no tags.\n`);
    const unknown = await parley(['tickets', 'tag', '0190c5f0-0000-7000-8000-000000000000', '--add', 'x']);
    expect(unknown).toMatchObject({ exitCode: 1, err: 'error: Not found or no edit access\n' });
  });

  it('lists by its filters', async () => {
    const first = await create('--tag', 'list', '--tag', 'a', '--priority', 'critical', '--message', 'zebra');
    const second = await create('--tag', 'list', '--tag', 'b', '--assignee', 'user:1');
    const list = async (...flags: string[]) => {
      const page = await json<PageOf<Ticket>>('tickets', 'list', '--tag', 'list', ...flags);
      return page.results.map(({ id }) => id);
    };
    expect(await list('--order', 'ticket_number')).toEqual([first.id, second.id]);
    expect(await list('--all-tags', 'list', '--all-tags', 'b')).toEqual([second.id]);
    expect(await list('--without-tag', 'b')).toEqual([first.id]);
    expect(await list('--priority', 'critical,high')).toEqual([first.id]);
    expect(await list('--assignee', 'me')).toEqual([second.id]);
    expect(await list('--search', 'zebra')).toEqual([first.id]);
    expect(await list('--limit', '1', '--offset', '1', '--order', 'ticket_number')).toEqual([second.id]);
    const { out } = await parley([
      'tickets',
      'list',
      '--tag',
      'list',
      '--limit',
      '1',
      '--order',
      'ticket_number',
    ]);
    const [header, row, count] = out.split('\n');
    expect(header).toMatch(/^# +STATUS +PRIORITY/);
    expect(row).toMatch(new RegExp(`^${first.ticket_number} +new +critical .* zebra$`));
    expect(count).toBe('1 of 2 tickets');
  });

  it('reads without marking when it is told so', async () => {
    const { id } = await create('--message', 'Hello');
    expect(await json<Ticket>('tickets', 'get', id, '--no-mark-read')).toMatchObject({
      unread_team_count: 1,
    });
    expect(await json<Ticket>('tickets', 'get', id)).toMatchObject({ unread_team_count: 0 });
  });

  it('does not let a customer steer the terminal', async () => {
    const ticket = await create('--message', 'Hi\u001b[2J\u0007 there');
    expect(ticket.last_message_text).toContain('\u001b');
    const id = String(ticket.ticket_number);
    for (const args of [
      ['tickets', 'get', id],
      ['messages', 'list', id],
      ['tickets', 'list'],
    ]) {
      const { out } = await parley(args);
      expect(out).toContain('Hi[2J there');
      expect(out).not.toMatch(/[^\P{Cc}\n]/u);
    }
  });

  it('has the answer of the API as it is', async () => {
    const { id } = await create();
    const { body } = await server.app.request<Ticket>('GET', `/api/projects/1/conversations/tickets/${id}/`);
    expect(await json('tickets', 'get', id, '--project', '1')).toEqual(body);
  });
});
