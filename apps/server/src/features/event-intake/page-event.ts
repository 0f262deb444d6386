import { tokenOf } from '#platform/http/client-body.ts';
import { firstCharacters } from '#platform/text.ts';

/** What is kept of an event of a page; everything else is counted and dropped. */
export type Kept = PersonSaid | SessionEvent;

/** What a page says about who is there. */
export interface PersonSaid {
  kind: 'person';
  token: string;
  distinctId: string;
  /** Another id that is said to be of the same person. */
  otherId: string | undefined;
  isIdentified: boolean;
  set: Record<string, unknown>;
  setOnce: Record<string, unknown>;
}

/** A page view or an exception of a session. */
export interface SessionEvent {
  kind: 'page_view' | 'exception';
  token: string;
  sessionId: string;
  distinctId: string;
  url: string | null;
  title: string;
  occurredAt: Date;
}

type Fields = Record<string, unknown>;

const ID_MAX = 400;
const SESSION_MAX = 64;
const URL_MAX = 2000;
const TITLE_MAX = 500;
/** Events of one body; a client sends some dozen. */
const EVENTS_MAX = 1000;
const OLDEST_MS = 24 * 3_600_000;
/** Ids that broken pages send for everybody (PostHog refuses the same). */
const NOBODY =
  /^(?:|0|null|undefined|none|nil|nan|true|false|guest|anonymous|distinct_id|distinctid|id|email|not_authenticated|\[object object\])$/i;

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** A text cut to a length; undefined for none. */
function textOf(value: unknown, most: number): string | undefined {
  return typeof value === 'string' && value !== '' ? firstCharacters(value, most) : undefined;
}

/** An id as a whole: cut, or with a character replaced, it would be another one. */
function idOf(value: unknown, most = ID_MAX): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > most || text.includes('\uFFFD')) return undefined;
  return NOBODY.test(text.trim()) ? undefined : text;
}

/** The events of a body, whatever form it has: a list, a batch, or one event. */
export function eventsOf(body: unknown): { token: unknown; event: Fields }[] {
  const outer = asFields(body);
  const list = Array.isArray(body) ? body : Array.isArray(outer.batch) ? outer.batch : [body];
  return list.slice(0, EVENTS_MAX).map((one) => {
    const event = asFields(one);
    const { token } = asFields(event.properties);
    return { token: outer.api_key ?? outer.token ?? event.api_key ?? event.token ?? token, event };
  });
}

/** What an event tells that is kept: nothing, one thing, or two. */
export function readEvent(said: unknown, event: Fields, now: Date): Kept[] {
  const token = tokenOf(said);
  const properties = asFields(event.properties);
  const distinctId = idOf(event.distinct_id ?? event.$distinct_id ?? properties.distinct_id);
  if (token === undefined || distinctId === undefined) return [];
  const kept: Kept[] = [];
  const person = readPerson(event, properties);
  if (person) kept.push({ kind: 'person', token, distinctId, ...person });
  const seen = readSession(event, properties, now);
  if (seen) kept.push({ token, distinctId, ...seen });
  return kept;
}

function readPerson(
  event: Fields,
  properties: Fields,
): Omit<PersonSaid, 'kind' | 'token' | 'distinctId'> | undefined {
  const set = { ...asFields(properties.$set), ...asFields(event.$set) };
  const setOnce = { ...asFields(properties.$set_once), ...asFields(event.$set_once) };
  const isIdentified = event.event === '$identify';
  const other = isIdentified
    ? properties.$anon_distinct_id
    : event.event === '$create_alias'
      ? properties.alias
      : undefined;
  const otherId = idOf(other);
  const isAnonymous = properties.$process_person_profile === false;
  const saysNothing = Object.keys(set).length + Object.keys(setOnce).length === 0;
  if (!isIdentified && otherId === undefined && (saysNothing || isAnonymous)) return undefined;
  return { otherId, isIdentified, set, setOnce };
}

function readSession(
  event: Fields,
  properties: Fields,
  now: Date,
): Omit<SessionEvent, 'token' | 'distinctId'> | undefined {
  const kind = { $pageview: 'page_view' as const, $exception: 'exception' as const }[String(event.event)];
  const sessionId = idOf(properties.$session_id, SESSION_MAX);
  if (!kind || sessionId === undefined) return undefined;
  const url = textOf(properties.$current_url, URL_MAX) ?? null;
  const title =
    kind === 'exception'
      ? exceptionTitle(properties)
      : textOf(properties.title ?? properties.$title, TITLE_MAX);
  return { kind, sessionId, url, title: title ?? '', occurredAt: instantOf(event, now) };
}

function exceptionTitle(properties: Fields): string | undefined {
  const [first] = Array.isArray(properties.$exception_list) ? properties.$exception_list : [];
  const { type = properties.$exception_type, value = properties.$exception_message } = asFields(first);
  const parts = [textOf(type, TITLE_MAX), textOf(value, TITLE_MAX)].filter((part) => part !== undefined);
  return textOf(parts.join(': '), TITLE_MAX);
}

/** When it happened, as far as the page's clock can be believed: within a day before now. */
function instantOf(event: Fields, now: Date): Date {
  const said = typeof event.timestamp === 'string' ? Date.parse(event.timestamp) : Number.NaN;
  const offset = typeof event.offset === 'number' ? now.getTime() - event.offset : Number.NaN;
  const at = Number.isFinite(offset) ? offset : said;
  const isBelieved = Number.isFinite(at) && at <= now.getTime() && at >= now.getTime() - OLDEST_MS;
  return isBelieved ? new Date(at) : now;
}
