import { randomBytes, randomUUID } from 'node:crypto';
import { MESSAGE_MARK } from './operations.ts';
import type { Recorded, RecordedValue } from './wire-messages.ts';

/** A place in a parameter that each request fills anew. */
type Slot =
  | { kind: 'ticket' }
  | { kind: 'message' }
  /** A fresh id or digest; the same index means the same value within one request. */
  | { kind: 'uuid' | 'digest'; index: number }
  | { kind: 'instant' }
  /** The number of a new ticket. */
  | { kind: 'number' };

type Value = null | { hex: string } | { parts: (string | Slot)[] };

export interface PlannedStatement {
  /** Of the prepared statement, or empty. */
  name: string;
  text: string;
  values: Value[];
}

/** Statements of one transaction, its begin and commit included, or one statement alone. */
export type Step = PlannedStatement[];

/** What was asked for by one recorded request. */
export interface Asked {
  ticket: string | undefined;
  startedAt: number;
}

const TOKEN = new RegExp(
  [
    /(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/.source,
    /(?<digest>\b[0-9a-f]{64}\b)/.source,
    `(?<message>${MESSAGE_MARK.source})`,
    /(?<instant>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d))/.source,
  ].join('|'),
  'g',
);
/** Of all that is counted, only the number of a ticket is sent as a whole parameter. */
const NUMBER = /^\d{1,10}$/;
/** Instants this close to the request are its own; older ones belong to the rows. */
const OWN_INSTANT_MS = 60_000;

/**
 * Turns what one request ran into something every request can run. A second recording of the same operation, on
 * another ticket, tells parameters from constants, and proves that the statements are always the same ones.
 */
export function planFrom(
  recorded: readonly Recorded[],
  asked: Asked,
  another: readonly Recorded[],
): Step[] | undefined {
  const isSame =
    recorded.length === another.length &&
    recorded.every(({ name, text }, i) => name === another[i]?.name && text === another[i].text);
  if (!isSame) return undefined;
  const known = new Map<string, Slot>();
  const statements = recorded.map(({ name, text, values }, i) => ({
    name,
    text,
    values: values.map((value, k) => toValue(value, another[i]?.values[k], asked, known)),
  }));
  return toSteps(statements);
}

function toValue(
  value: RecordedValue,
  other: RecordedValue | undefined,
  asked: Asked,
  known: Map<string, Slot>,
): Value {
  if (value === null) return null;
  if (typeof value !== 'string') return { hex: value.toString('hex') };
  if (value === other) return { parts: [value] };
  if (NUMBER.test(value) && NUMBER.test(other?.toString() ?? '')) return { parts: [{ kind: 'number' }] };
  const parts: (string | Slot)[] = [];
  let end = 0;
  for (const match of value.matchAll(TOKEN)) {
    const slot = toSlot(match, asked, known);
    if (!slot) continue;
    parts.push(value.slice(end, match.index), slot);
    end = match.index + match[0].length;
  }
  return { parts: [...parts, value.slice(end)].filter((part) => part !== '') };
}

function toSlot(match: RegExpExecArray, asked: Asked, known: Map<string, Slot>): Slot | undefined {
  const [text] = match;
  const { uuid, digest, message, instant } = match.groups ?? {};
  if (message) return { kind: 'message' };
  if (text === asked.ticket) return { kind: 'ticket' };
  if (instant) {
    const isOwn = Math.abs(Date.parse(instant) - asked.startedAt) < OWN_INSTANT_MS;
    return isOwn ? { kind: 'instant' } : undefined;
  }
  const kind = uuid ? 'uuid' : digest ? 'digest' : undefined;
  if (!kind) return undefined;
  const slot = known.get(text) ?? { kind, index: known.size };
  known.set(text, slot);
  return slot;
}

function toSteps(statements: readonly PlannedStatement[]): Step[] {
  const steps: Step[] = [];
  let open: Step | undefined;
  for (const statement of statements) {
    if (open) open.push(statement);
    else steps.push([statement]);
    if (/^\s*begin/i.test(statement.text)) open = steps.at(-1);
    if (/^\s*(commit|rollback)\s*$/i.test(statement.text)) open = undefined;
  }
  return steps;
}

/** Gives every slot its value, for one request. */
export function createFiller(
  ticket: string | undefined,
  message: string | undefined,
  takeNumber: () => number,
) {
  const fresh = new Map<number, string>();
  const now = new Date().toISOString();
  let number: number | undefined;
  const mark = message === undefined ? '' : (MESSAGE_MARK.exec(message)?.[0] ?? '');
  const fillSlot = (slot: Slot): string => {
    if (slot.kind === 'ticket') return ticket ?? '';
    if (slot.kind === 'message') return mark;
    if (slot.kind === 'instant') return now;
    if (slot.kind === 'number') {
      number ??= takeNumber();
      return String(number);
    }
    const made =
      fresh.get(slot.index) ?? (slot.kind === 'uuid' ? randomUUID() : randomBytes(32).toString('hex'));
    fresh.set(slot.index, made);
    return made;
  };
  return (value: Value): string | Buffer | null => {
    if (value === null) return null;
    if ('hex' in value) return Buffer.from(value.hex, 'hex');
    return value.parts.map((part) => (typeof part === 'string' ? part : fillSlot(part))).join('');
  };
}
