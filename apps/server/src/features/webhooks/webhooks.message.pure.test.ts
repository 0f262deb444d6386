import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { messageOf, type StoredEvent, wants } from './webhooks.message.ts';
import { newSecret, signedHeaders } from './webhooks.secrets.ts';

function event(name: string, payload: object = {}): StoredEvent {
  return {
    project_id: 1,
    seq: 7,
    name,
    resource_id: 'r',
    resource_version: 3,
    ticket_id: 't',
    actor: { actor_type: 'user', actor_id: '1', actor_email: 'ada@example.com' },
    payload: { ticket_id: 't', ticket_number: 4, ...payload },
    created_at: new Date('2026-03-02T10:00:00.000Z'),
  };
}

describe('a message', () => {
  it('says what happened, with the properties of the event and its actor', () => {
    expect(messageOf('m', event('tickets.reply', { message_content: 'Hi', author_type: 'team' }))).toEqual({
      id: 'm',
      type: 'tickets.reply',
      alias: '$conversation_message_sent',
      seq: 7,
      timestamp: '2026-03-02T10:00:00.000Z',
      project_id: 1,
      ticket_id: 't',
      resource_id: 'r',
      resource_version: 3,
      data: {
        ticket_id: 't',
        ticket_number: 4,
        message_content: 'Hi',
        author_type: 'team',
        actor_type: 'user',
        actor_id: '1',
        actor_email: 'ada@example.com',
      },
    });
  });

  it.each([
    ['notes.create', {}],
    ['notes.update', {}],
    ['comments.create', { is_private: true }],
  ])('never holds the text of a note: %s', (name, payload) => {
    const texts = { message: 'hush', message_content: 'hush', content: 'hush', rich_content: { a: 'hush' } };
    const nested = { note: { text: 'hush', id: 'n' }, list: [{ content: 'hush' }] };
    const text = JSON.stringify(messageOf('m', event(name, { ...payload, ...texts, ...nested })));
    expect(text).not.toContain('hush');
    expect(text).toContain('"note":{"id":"n"}');
  });

  it('never holds a secret', () => {
    const secrets = { secret: 'x', webhook_secret: 'x', token: 'x', session_id: 'x', a: [{ password: 'x' }] };
    expect(messageOf('m', event('tickets.update', secrets)).data).toMatchObject({ a: [{}] });
    expect(JSON.stringify(messageOf('m', event('tickets.update', secrets)))).not.toContain('"x"');
  });
});

describe('a subscription', () => {
  it('goes by name, published name, or all', () => {
    const sent = event('tickets.reply');
    expect(wants(['tickets.reply'], sent)).toBe(true);
    expect(wants(['$conversation_message_sent'], sent)).toBe(true);
    expect(wants(['*'], sent)).toBe(true);
    expect(wants(['tickets.update', '$conversation_message_received'], sent)).toBe(false);
    expect(wants([], sent)).toBe(false);
  });

  it('takes notes of the AI for no message of the team', () => {
    const byAi = event('notes.create', { author_type: 'AI' });
    expect(wants(['$conversation_private_message_sent'], byAi)).toBe(false);
    expect(wants(['notes.create'], byAi)).toBe(true);
    expect(messageOf('m', byAi).alias).toBeNull();
  });
});

describe('a signature', () => {
  const body = JSON.stringify({ id: 'm', text: 'Grüße 🙂' });

  it('is accepted by the official library, for each of two secrets', () => {
    const [first, second] = [newSecret(), newSecret()];
    const headers = signedHeaders([first, second], { id: 'm', at: new Date(), body });
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of [first, second]) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
      expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'n' })).toThrow();
    }
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
  });

  it('has a secret of 32 random bytes', () => {
    expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret()).not.toBe(newSecret());
  });
});
