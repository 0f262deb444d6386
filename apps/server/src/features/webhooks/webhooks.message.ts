import { EVENTS } from '@parley/contract/events';
import { TEST_EVENT, type WebhookMessage } from '@parley/contract/webhooks';
import { formatInstant } from '#platform/instant.ts';

/** An event as it is stored. */
export interface StoredEvent {
  project_id: number;
  seq: number;
  name: string;
  resource_id: string;
  resource_version: number;
  ticket_id: string | null;
  actor: object;
  payload: object;
  created_at: Date;
}

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries(EVENTS).flatMap(([name, event]: [string, { workflowEvent?: string }]) =>
    event.workflowEvent === undefined ? [] : [[name, event.workflowEvent]],
  ),
);
/** What a private message says; events must not carry it, and this makes sure (tickets-api.md 6.5). */
const TEXTS = ['message', 'message_content', 'content', 'rich_content', 'text'];
/** No event has a reason to carry one of these. */
const SECRETS = /^(.*_)?(secret|secrets|password|token|api_key|session_id|key_hash)$/;

function isPrivate({ name, payload }: StoredEvent): boolean {
  return name.startsWith('notes.') || ('is_private' in payload && payload.is_private === true);
}

/** The published name of an event. The private messages it speaks of are those of the team, not of the AI. */
function aliasOf({ name, payload }: StoredEvent): string | null {
  if (name === 'notes.create' && 'author_type' in payload && payload.author_type === 'AI') return null;
  return ALIASES.get(name) ?? null;
}

/** Whether somebody who subscribed to these names gets the event. */
export function wants(subscribed: readonly string[], event: StoredEvent): boolean {
  const alias = aliasOf(event);
  return subscribed.some((name) => name === '*' || name === event.name || name === alias);
}

/** What is posted for an event: its properties and its actor's, without secrets and without the text of notes. */
export function messageOf(id: string, event: StoredEvent): WebhookMessage {
  return {
    id,
    type: event.name,
    alias: aliasOf(event),
    seq: event.seq,
    timestamp: formatInstant(event.created_at),
    project_id: event.project_id,
    ticket_id: event.ticket_id,
    resource_id: event.resource_id,
    resource_version: event.resource_version,
    data: strip({ ...event.payload, ...event.actor }, isPrivate(event)),
  };
}

function strip(properties: object, isNote: boolean): Record<string, unknown> {
  const kept = Object.entries(properties).filter(
    ([key]) => !SECRETS.test(key) && !(isNote && TEXTS.includes(key)),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, stripValue(value, isNote)]));
}

function stripValue(value: unknown, isNote: boolean): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => stripValue(each, isNote));
  return typeof value === 'object' && value !== null ? strip(value, isNote) : value;
}

/** What webhooks.test sends. */
export function testMessage(
  id: string,
  webhook: { project_id: number; id: string; name: string; version: number },
  now: Date,
): WebhookMessage {
  return {
    id,
    type: TEST_EVENT,
    alias: null,
    seq: null,
    timestamp: formatInstant(now),
    project_id: webhook.project_id,
    ticket_id: null,
    resource_id: webhook.id,
    resource_version: webhook.version,
    data: { webhook_name: webhook.name },
  };
}
