import { SOUGHT } from './seed-sql.ts';

/** A list the benchmark asks for, one request at a time. */
export interface ListQuery {
  name: string;
  kind: 'facets' | 'deep page' | 'filter' | 'search';
  query: Readonly<Record<string, string>>;
}

const named = (kind: ListQuery['kind']) => (query: Readonly<Record<string, string>>) => ({
  name:
    Object.entries(query)
      .map(([name, value]) => `${name}=${value}`)
      .join(' & ') || 'everything',
  kind,
  query,
});

/** decisions.md 14: the facets, alone and combined, with their exact count. */
const FACETS = [
  {},
  { status: 'open' },
  { status: 'new,open' },
  { priority: 'high' },
  { channel_source: 'email' },
  { assignee: 'unassigned' },
  { snoozed: 'true' },
  { snoozed: 'false' },
  { tags: '["tag-3"]' },
  { status: 'open', assignee: 'unassigned' },
  { status: 'open', priority: 'high', channel_source: 'email' },
  { status: 'open', order_by: 'created_at' },
  { order_by: 'sla_due_at' },
];

const FILTERS = [
  { date_from: '-7d' },
  { date_from: '-200d', date_to: '-100d' },
  { created_from: '-7d' },
  { created_to: '-300d' },
  { created_from: '-200d', created_to: '-100d' },
  { tags: '["tag-3","tag-5"]' },
  { tags_all: '["tag-3","tag-5"]' },
  { tags_exclude: '["tag-3"]' },
  { sla: 'breached' },
  { sla: 'at-risk' },
  { sla: 'on-track' },
  { distinct_ids: 'person-7' },
  { emails: 'person-7@example.com,person-9@example.com' },
  { unread: 'true' },
  { unread: 'mine' },
  { organization: 'org-2' },
  { response_target: 'Triage' },
  { response_target: 'VIP' },
  { ai_triage_result: 'suggested' },
  { ai_triage_result: 'persisted' },
  { ai_triage_result: 'in_progress' },
  { channel_detail: 'widget_api' },
  { status: 'new', unread: 'true', tags_exclude: '["tag-3"]' },
  { sla: 'breached', status: 'new' },
];

const SEARCHES = [
  ...Object.values(SOUGHT),
  'e',
  'z',
  'j',
  '~',
  'th',
  'ze',
  'jq',
  'invoice',
  'invoice payment',
  'hello invoice',
  'person-7@',
  'tag-1',
];

export const LIST_QUERIES: readonly ListQuery[] = [
  ...FACETS.map(named('facets')),
  ...FILTERS.map(named('filter')),
  ...SEARCHES.map((search) => named('search')({ search })),
];
