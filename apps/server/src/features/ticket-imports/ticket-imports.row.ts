import { PERSON_PROPERTIES_MAX } from '@parley/contract/persons';
import type { ImportProblem } from '@parley/contract/ticket-imports';
import { ImportedTicket } from '@parley/contract/ticket-imports';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { normalizeTags } from '#features/tags/tags.service.ts';
import { serializeTraits } from '#features/tickets/tickets.traits.service.ts';
import { ApiError, invalid } from '#platform/api-error.ts';
import { parseJsonBody } from '#platform/http/json-body.ts';
import { assertValid } from '#platform/http/validator.ts';
import { toInstant } from '#platform/instant.ts';
import type { Line } from './ticket-imports.lines.ts';

/** A line that can be loaded, as far as it can be told without the database. */
export interface ImportRow {
  line: number;
  /** Characters of its line: how much of a batch it takes. */
  weight: number;
  ticket: ImportedTicket;
  tags: string[];
  traits: string;
}

/** Serialised, of what a channel or a session tells. */
const JSON_MAX = 100_000;
/** Indexed with the person, whose entries may not be longer. */
const EMAIL_MAX = 400;
/** Clocks differ; a date beyond that would hold up every later message of its ticket. */
const AHEAD_MS = 86_400_000;

/** Reads a line; undefined for an empty one. */
export function readRow(line: Line, now: Date): ImportRow | ImportProblem | undefined {
  if ('problem' in line) {
    const isLong = line.problem === 'too_long';
    const detail = isLong ? 'The line is longer than 10 MB.' : 'The line is not UTF-8.';
    const code = isLong ? 'max_length' : 'parse_error';
    return { line: line.number, field: null, code, detail, loaded: false };
  }
  if (line.text.trim() === '') return undefined;
  try {
    const ticket = check(parseJsonBody(line.text), now);
    return {
      line: line.number,
      weight: line.text.length,
      ticket,
      tags: normalizeTags(ticket.tags ?? []),
      traits: serializeTraits(ticket.anonymous_traits ?? {}),
    };
  } catch (error) {
    if (error instanceof ApiError) return toProblem(line.number, error);
    throw error;
  }
}

function toProblem(line: number, { attr, code, message }: ApiError): ImportProblem {
  return { line, field: attr, code, detail: message, loaded: false };
}

function check(value: unknown, now: Date): ImportedTicket {
  assertValid(ImportedTicket, value);
  // The schema has just checked it.
  const ticket = value as ImportedTicket;
  for (const name of ['ai_triage', 'session_context', 'cc_participants'] as const)
    checkSize(ticket[name], name, JSON_MAX);
  for (const name of ['created_at', 'updated_at', 'resolved_at', 'deleted_at'] as const)
    checkPast(ticket[name], name, now);
  checkPerson(ticket);
  checkMessages(ticket, now);
  for (const [index, entry] of (ticket.activities ?? []).entries()) {
    checkSize(entry.detail, `activities__${index}__detail`, JSON_MAX);
    checkPast(entry.created_at, `activities__${index}__created_at`, now);
  }
  return ticket;
}

function checkMessages({ messages = [] }: ImportedTicket, now: Date): void {
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const field = (name: string) => `messages__${index}__${name}`;
    checkPast(message.created_at, field('created_at'), now);
    checkPast(message.edited_at, field('edited_at'), now);
    checkSize(message.item_context, field('item_context'), JSON_MAX);
    try {
      checkRichContent(message.rich_content);
    } catch (error) {
      if (error instanceof ApiError) throw invalid(field('rich_content'), error.message, error.code);
      throw error;
    }
    const id = message.id?.toLowerCase();
    if (id === undefined) continue;
    if (ids.has(id)) throw invalid(field('id'), 'Another message of the ticket has this id.', 'unique');
    ids.add(id);
  }
}

function checkPerson({ person }: ImportedTicket): void {
  if (!person?.properties) return;
  checkSize(person.properties, 'person__properties', PERSON_PROPERTIES_MAX);
  checkSize(person.properties.email, 'person__properties__email', EMAIL_MAX);
}

function checkSize(value: unknown, field: string, most: number): void {
  if (value === undefined || JSON.stringify(value).length <= most) return;
  throw invalid(field, `Ensure this field has no more than ${most} characters.`, 'max_length');
}

function checkPast(text: string | null | undefined, field: string, now: Date): void {
  if (text == null || toInstant(text).getTime() <= now.getTime() + AHEAD_MS) return;
  throw invalid(field, 'This is in the future.', 'max_value');
}
