import type { ErrorBody } from '@parley/contract/errors';
import {
  DEFAULT_RESPONSE_TARGETS,
  type ResponseTargetGroup,
  readResponseTargets,
  responseTargetOf,
} from '@parley/contract/response-targets';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTicket } from '../../testing/fixtures.ts';
import { createTestApp, type TestApp } from '../../testing/test-app.ts';
import { listTickets } from '../../testing/ticket-rows.ts';

const LADDER = [
  { label: 'Whenever', tags: ['idea'] },
  { label: 'Soon', tags: ['bug', 'billing'] },
  { label: 'Now', tags: ['vip', 'outage'] },
];

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ roles: ['http'] });
});
afterAll(() => app.close());

const save = (response_target_groups: unknown) =>
  app.request<ErrorBody & { conversations_settings: { response_target_groups: ResponseTargetGroup[] } }>(
    'PATCH',
    '/api/projects/1/',
    { body: { conversations_settings: { response_target_groups } } },
  );

describe('the group of a ticket (inbox.md 3.7)', () => {
  it.each([
    [[], 'Whenever'],
    [['nothing', 'known'], 'Whenever'],
    [['idea'], 'Whenever'],
    [['bug'], 'Soon'],
    [['billing', 'idea'], 'Soon'],
    [['bug', 'outage'], 'Now'],
    [['VIP'], 'Whenever'],
    [['vi'], 'Whenever'],
  ])('is the highest that has one of its tags, else the first: %j', (tags, label) => {
    expect(responseTargetOf(tags, LADDER).label).toBe(label);
  });

  it.each([
    ['nothing', undefined],
    ['no list', { label: 'a', tags: [] }],
    ['an empty list', []],
    ['a label twice', [...LADDER, { label: 'Soon', tags: [] }]],
    ['a blank label', [{ label: ' ', tags: [] }]],
    ['a label that is no text', [{ label: 3, tags: [] }]],
    ['no tags', [{ label: 'a' }]],
    ['tags that are no texts', [{ label: 'a', tags: [null] }]],
    ['an entry that is null', [null]],
    ['too many', Array.from({ length: 21 }, (_, index) => ({ label: `${index}`, tags: [] }))],
  ])('a ladder of %s counts as none', (_, response_target_groups) => {
    expect(readResponseTargets({ response_target_groups })).toBe(DEFAULT_RESPONSE_TARGETS);
  });
});

describe('response_target_groups of a project', () => {
  beforeEach(() => save(null));

  it('is the default ladder until it is set, and again after null', async () => {
    const { body } = await save(LADDER);
    expect(body.conversations_settings.response_target_groups).toEqual(LADDER);
    const again = await save(null);
    expect(again.body.conversations_settings.response_target_groups).toEqual(DEFAULT_RESPONSE_TARGETS);
  });

  it('refuses what would be no ladder', async () => {
    const twice = await save([...LADDER, { label: 'Now', tags: [] }]);
    expect([twice.status, twice.body.attr]).toEqual([
      400,
      'conversations_settings__response_target_groups__3__label',
    ]);
    for (const wrong of [[], [{ label: '', tags: [] }], [{ label: 'a' }], 'Now', [{ label: 'a', tags: 'b' }]])
      expect([wrong, (await save(wrong)).status]).toEqual([wrong, 400]);
  });
});

describe('response_target of the list', () => {
  it('lists the tickets of a group, with other filters too, and exports the same', async () => {
    await save(LADDER);
    const all = [['idea'], ['bug'], ['bug', 'vip'], ['outage'], ['billing', 'idea'], []];
    for (const tags of all) await createTicket(app, { tags });
    const tagsOf = async (query: Record<string, string>) =>
      (await listTickets(app, { ...query, order_by: 'ticket_number' })).results.map(({ tags }) => tags);
    for (const { label } of LADDER) {
      const own = all
        .filter((tags) => responseTargetOf(tags, LADDER).label === label)
        .map((tags) => tags.sort());
      expect([label, await tagsOf({ response_target: label })]).toEqual([label, own]);
      const { text } = await app.request(
        'GET',
        `/api/projects/1/conversations/tickets/export/?response_target=${label}`,
      );
      expect(text.trim().split('\n')).toHaveLength(own.length);
    }
    expect(await tagsOf({ response_target: 'Soon', tags: '["idea"]' })).toEqual([['billing', 'idea']]);
    expect(await tagsOf({ response_target: 'Now', tags_exclude: '["bug"]' })).toEqual([['outage']]);
    // Like every other value of a filter that is not known (tickets-api.md 3).
    expect(await tagsOf({ response_target: 'now' })).toHaveLength(all.length);
  });
});
