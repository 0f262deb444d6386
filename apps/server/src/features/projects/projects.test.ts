import type { Project } from '@parley/contract/projects';
import { DEFAULT_RESPONSE_TARGETS } from '@parley/contract/response-targets';
import type { PageOf } from '@parley/contract/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addColleague, createPeopleApp, organizationOf, type PeopleApp } from '#features/auth/testing.ts';
import { createSecretBox } from '#platform/secret-box.ts';

const ONE = '/api/projects/1/';

let app: PeopleApp;
let create: string;
beforeAll(async () => {
  app = await createPeopleApp();
  create = `/api/organizations/${await organizationOf(app)}/projects/`;
});
afterAll(() => app.close());

const patch = (body: unknown, path = ONE) => app.request<Project>('PATCH', path, { body });
const settings = async (sent: unknown) => {
  const { status, body } = await patch({ conversations_settings: sent });
  expect(status).toBe(200);
  return body.conversations_settings;
};

describe('projects.create', () => {
  it('makes a project that can number its tickets and events', async () => {
    const answer = await app.request<Project>('POST', create, {
      body: { name: 'Two', timezone: 'America/Lima' },
    });
    expect([answer.status, answer.body]).toMatchObject([
      201,
      {
        name: 'Two',
        timezone: 'America/Lima',
        conversations_enabled: true,
        conversations_settings: { widget_enabled: true, ai_api_key_set: false },
        access_level: 'manager',
      },
    ]);
    expect(answer.body.token).toMatch(/^prt_[\w-]{43}$/);
    for (const table of ['ticket_counters', 'event_counters'] as const) {
      const rows = await app.database.kysely
        .selectFrom(table)
        .select('project_id')
        .where('project_id', '=', answer.body.id)
        .execute();
      expect(rows).toHaveLength(1);
    }
  });

  it('answers a repeated Idempotency-Key with the first project', async () => {
    const headers = { 'idempotency-key': 'create-once' };
    const first = await app.request<Project>('POST', create, { body: { name: 'Once' }, headers });
    const again = await app.request<Project>('POST', create, { body: { name: 'Once' }, headers });
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  it('is for admins', async () => {
    const person = await addColleague(app, 'member@example.com');
    const answer = await app.request('POST', create, { cookie: person.cookie, body: { name: 'x' } });
    expect([answer.status, answer.body]).toMatchObject([403, { code: 'permission_denied' }]);
  });

  it.each([
    [{}, 'name', 'required'],
    [{ name: ' ' }, 'name', 'blank'],
    [{ name: 'x'.repeat(201) }, 'name', 'max_length'],
    [{ name: 'x', timezone: 'Mars/Base' }, 'timezone', 'invalid_choice'],
    [{ name: 'x', timezone: null }, 'timezone', 'null'],
  ])('refuses %j', async (body, attr, code) => {
    const answer = await app.request('POST', create, { body });
    expect([answer.status, answer.body]).toMatchObject([400, { attr, code }]);
  });
});

describe('projects.list and projects.retrieve', () => {
  it('show what one can access, and `@current`', async () => {
    const list = await app.request<PageOf<Project>>('GET', '/api/projects/?limit=1');
    expect(list.body).toMatchObject({ previous: null, results: [{ id: 1, token: 'prt_test_project' }] });
    expect(list.body.next).toMatch(/limit=1&offset=1$/);
    await app.request('PATCH', '/api/users/@me/', { body: { current_project_id: 2 } });
    const current = await app.request<Project>('GET', '/api/projects/@current/');
    expect(current.body.id).toBe(2);
    await app.request('PATCH', '/api/users/@me/', { body: { current_project_id: null } });
    expect((await app.request<Project>('GET', '/api/projects/@current')).body.id).toBe(1);
  });

  it.each(['0', '-1', '01', '1.0', 'x', '%00', '99999999999', '2147483648', '@other'])(
    'find nothing under %s',
    async (id) => {
      const answer = await app.request('GET', `/api/projects/${id}/`);
      expect([answer.status, answer.body]).toMatchObject([404, { code: 'not_found' }]);
    },
  );
});

describe('projects.update', () => {
  it('changes what is sent, and nothing read-only', async () => {
    const body = {
      name: 'Renamed',
      timezone: 'Europe/Berlin',
      conversations_enabled: false,
      id: 7,
      token: 'prt_x',
      organization: 'x',
      access_level: 'none',
      unknown: [],
    };
    const answer = await patch(body);
    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        id: 1,
        name: 'Renamed',
        timezone: 'Europe/Berlin',
        conversations_enabled: false,
        token: 'prt_test_project',
        access_level: 'manager',
      },
    ]);
    expect((await patch({})).body).toEqual(answer.body);
  });

  it('merges settings key by key', async () => {
    expect(await settings({ email_enabled: true, theme: { colour: 'red' } })).toMatchObject({
      widget_enabled: true,
      email_enabled: true,
      theme: { colour: 'red' },
    });
    expect(await settings({ status_rules: { reply_opens_new: false } })).toMatchObject({
      email_enabled: true,
    });
    expect(await settings({ status_rules: { customer_reopens: false }, theme: null })).toEqual({
      widget_enabled: true,
      widget_greeting_text: 'Hey, how can I help you today?',
      widget_color: '#1d4aff',
      widget_placeholder_text: 'Type your message...',
      widget_require_email: false,
      widget_collect_name: false,
      widget_identification_form_title: 'Before we start...',
      widget_identification_form_description: 'Please provide your details so we can help you better.',
      widget_domains: [],
      widget_position: 'bottom_right',
      widget_restore_enabled: true,
      widget_public_token: expect.stringMatching(/^prw_[\w-]{43}$/),
      email_enabled: true,
      notification_recipients: [],
      ai_assistant_name: 'AI assistant',
      undo_send_seconds: 10,
      capture_workflow_emails: true,
      response_target_groups: DEFAULT_RESPONSE_TARGETS,
      status_rules: { reply_opens_new: false, customer_reopens: false, follow_up_after_days: null },
      ai_api_key_set: false,
    });
  });

  it('keeps parallel changes of different settings', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => settings({ [`key${i}`]: i })));
    const { body } = await app.request<Project>('GET', ONE);
    expect(Object.keys(body.conversations_settings).filter((key) => /^key\d$/.test(key))).toHaveLength(8);
  });

  it('never reads the key of the AI provider back', async () => {
    const secret = 'sk-a-secret-of-the-provider';
    expect(await settings({ ai_api_key: secret, ai_model: 'm' })).toMatchObject({ ai_api_key_set: true });
    const read = await app.request('GET', ONE);
    expect(read.text).not.toContain(secret);
    const stored = async () => {
      const row = await app.database.kysely
        .selectFrom('projects')
        .select('conversations_settings')
        .where('id', '=', 1)
        .executeTakeFirstOrThrow();
      return row.conversations_settings.ai_api_key_sealed;
    };
    const sealed = await stored();
    expect(String(sealed)).not.toContain(secret);
    const box = createSecretBox('a secret of tests that is long enough to be one');
    expect(box.open(String(sealed))).toBe(secret);
    // What looks like the stored form is not taken from a client.
    await settings({ ai_api_key_sealed: 'x', ai_api_key_set: false });
    expect(await stored()).toBe(sealed);
    expect(read.text).not.toContain('sealed');
    expect(await settings({ ai_api_key: null })).toMatchObject({ ai_api_key_set: false });
    expect(await stored()).toBeUndefined();
  });

  it('forgets the key of the AI provider when the requests would go elsewhere', async () => {
    const [mine, other] = ['https://ai.example.com/v1', 'https://elsewhere.example.com/v1'];
    const isSet = async (sent: object) => (await settings(sent)).ai_api_key_set;
    expect(await isSet({ ai_base_url: mine, ai_api_key: 'sk-1' })).toBe(true);
    expect(await isSet({ ai_base_url: mine, ai_model: 'other' })).toBe(true);
    expect(await isSet({ ai_base_url: other })).toBe(false);
    expect(await isSet({ ai_base_url: mine })).toBe(false);
    expect(await isSet({ ai_api_key: 'sk-2' })).toBe(true);
    expect(await isSet({ ai_base_url: other, ai_api_key: 'sk-3' })).toBe(true);
    // Nor on a way around over no address at all.
    await settings({ ai_base_url: null });
    expect(await isSet({ ai_base_url: mine })).toBe(false);
    await settings({ ai_api_key: 'sk-4', ai_base_url: null });
    expect(await isSet({ ai_base_url: other })).toBe(false);
  });

  it.each([
    [{ name: null }, 'name', 'null'],
    [{ conversations_enabled: 'yes' }, 'conversations_enabled', 'invalid_input'],
    [{ timezone: 'UTC+2' }, 'timezone', 'invalid_choice'],
    [{ timezone: '+02:00' }, 'timezone', 'invalid_choice'],
    [{ conversations_settings: null }, 'conversations_settings', 'null'],
    [{ conversations_settings: [] }, 'conversations_settings', 'invalid_input'],
    [{ conversations_settings: { email_enabled: null } }, 'conversations_settings__email_enabled', 'null'],
    [
      { conversations_settings: { status_rules: { reply_opens_new: 1 } } },
      'conversations_settings__status_rules__reply_opens_new',
      'invalid_input',
    ],
    [
      { conversations_settings: { notification_recipients: ['a@example.com', 'b'] } },
      'conversations_settings__notification_recipients__1',
      'invalid_input',
    ],
    [
      { conversations_settings: { ai_base_url: 'file:///etc/passwd' } },
      'conversations_settings__ai_base_url',
      'invalid_input',
    ],
    [{ conversations_settings: { text: 'x'.repeat(20_000) } }, 'conversations_settings', 'max_length'],
    [
      { conversations_settings: { widget_color: 'red' } },
      'conversations_settings__widget_color',
      'invalid_input',
    ],
    [
      { conversations_settings: { widget_position: 'middle' } },
      'conversations_settings__widget_position',
      'invalid_choice',
    ],
    [{ conversations_settings: { widget_enabled: null } }, 'conversations_settings__widget_enabled', 'null'],
  ])('refuses %j', async (body, attr, code) => {
    const before = await app.request('GET', ONE);
    const answer = await patch(body);
    expect([answer.status, answer.body]).toMatchObject([400, { type: 'validation_error', attr, code }]);
    expect((await app.request('GET', ONE)).text).toBe(before.text);
  });

  it('is for managers', async () => {
    const person = await addColleague(app, 'editor@example.com');
    const read = await app.request<Project>('GET', ONE, { cookie: person.cookie });
    expect(read.body.access_level).toBe('editor');
    const answer = await app.request('PATCH', ONE, { cookie: person.cookie, body: { name: 'x' } });
    expect(answer.status).toBe(403);
  });
});

describe('the widget', () => {
  it('keeps sites as they were written, without those that are empty', async () => {
    const sites = [
      ' shop.example ',
      '',
      'https://a.example:8080/path',
      '*.b.example',
      'localhost:3000',
      '[::1]',
    ];
    expect((await settings({ widget_domains: sites })).widget_domains).toEqual([
      'shop.example',
      'https://a.example:8080/path',
      '*.b.example',
      'localhost:3000',
      '[::1]',
    ]);
    expect((await settings({ widget_domains: [] })).widget_domains).toEqual([]);
  });

  it.each([
    '*',
    '*.',
    'a.*.example',
    '*example.com',
    'a b',
    'https://',
    'https://u@evil.example',
    'a\\b',
    'x'.repeat(301),
  ])('refuses %s as a site', async (site) => {
    const body = { conversations_settings: { widget_domains: ['shop.example', site] } };
    const answer = await patch(body);
    const attr = 'conversations_settings__widget_domains__1';
    expect([answer.status, answer.body]).toMatchObject([400, { attr }]);
  });

  it('has a token that only the server makes, and makes anew when asked', async () => {
    const token = (await settings({ widget_public_token: 'mine' })).widget_public_token;
    expect(token).toMatch(/^prw_/);
    const path = `${ONE}generate_conversations_public_token/`;
    const renewed = await app.request<Project>('POST', path);
    expect(renewed.status).toBe(200);
    expect(renewed.body.conversations_settings.widget_public_token).toMatch(/^prw_[\w-]{43}$/);
    expect(renewed.body.conversations_settings.widget_public_token).not.toBe(token);
    const person = await addColleague(app, 'no-manager@example.com');
    expect((await app.request('POST', path, { cookie: person.cookie })).status).toBe(403);
  });

  it('gets its token when Support is first on', async () => {
    const { kysely } = app.database;
    const off = { conversations_enabled: false, widget_token: null };
    await kysely.updateTable('projects').set(off).where('id', '=', 1).execute();
    expect((await settings({ email_enabled: true })).widget_public_token).toBeNull();
    const on = await patch({ conversations_enabled: true });
    const { widget_public_token: token } = on.body.conversations_settings;
    expect(token).toMatch(/^prw_/);
    await patch({ conversations_enabled: false });
    expect(
      (await patch({ conversations_enabled: true })).body.conversations_settings.widget_public_token,
    ).toBe(token);
  });
});

describe('projects.delete', () => {
  it('deletes a project with its tickets, events and counters', async () => {
    const made = await app.request<Project>('POST', create, { body: { name: 'Short-lived' } });
    const { id } = made.body;
    const now = app.clock.now();
    const { kysely } = app.database;
    await kysely
      .insertInto('tickets')
      .values({
        project_id: id,
        id: crypto.randomUUID(),
        ticket_number: 1,
        channel_source: 'widget',
        distinct_id: 'x',
        status: 'new',
        created_at: now,
        updated_at: now,
      })
      .execute();
    expect((await app.request('DELETE', `/api/projects/${id}/`)).status).toBe(204);
    for (const table of ['tickets', 'ticket_counters', 'event_counters', 'ticket_count_deltas'] as const) {
      const rows = await kysely.selectFrom(table).select('project_id').where('project_id', '=', id).execute();
      expect([table, rows]).toEqual([table, []]);
    }
    expect((await app.request('GET', `/api/projects/${id}/`)).status).toBe(404);
  });

  it('is for admins of the organization, managers alone are not enough', async () => {
    const person = await addColleague(app, 'manager@example.com');
    const access = { body: { level: 'manager' } };
    expect((await app.request('PUT', `${ONE}access/${person.id}/`, access)).status).toBe(200);
    expect((await app.request('DELETE', ONE, { cookie: person.cookie })).status).toBe(403);
    expect((await app.request('GET', ONE)).status).toBe(200);
  });
});
