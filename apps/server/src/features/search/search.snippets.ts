import type { SnippetPart } from '@parley/contract/search';
import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';

/** The newest messages of a ticket, and of each merged into it, that are looked at for the best one. */
const MESSAGES_LOOKED_AT = 300;
/** Letters of a snippet, and those of them before the first match. */
const LENGTH = 200;
const LEAD = 60;

export interface BestMessage {
  ticket_id: string;
  message_id: string;
  content: string;
}

/** Of each ticket's thread the message that holds the most of the texts, the newest of several. */
export async function findBestMessages(
  context: ReadContext,
  projectId: number,
  ids: readonly string[],
  texts: readonly string[],
): Promise<Map<string, BestMessage>> {
  if (ids.length === 0 || texts.length === 0) return new Map();
  const held = texts.map((text) => sql`(strpos(lower(m.content), lower(${text})) > 0)::integer`);
  const { rows } = await sql<BestMessage>`
    select t.id as ticket_id, best.id as message_id, best.content
    from tickets t
    cross join lateral (
      select m.id, m.content from unnest(t.id || t.merged_ticket_ids) as part(ticket_id)
      cross join lateral (
        select m.id, m.content, m.created_at from messages m
        where m.project_id = ${projectId} and m.ticket_id = part.ticket_id and m.deleted_at is null
        order by m.created_at desc limit ${sql.lit(MESSAGES_LOOKED_AT)}) m
      cross join lateral (select ${sql.join(held, sql` + `)} as words) holding
      where holding.words > 0 order by holding.words desc, m.created_at desc limit 1) best
    where t.project_id = ${projectId} and t.id = any(${[...ids]}::uuid[])`.execute(context.tx);
  return new Map(rows.map((row) => [row.ticket_id, row]));
}

/** Letter by letter, as the database does it, so that places in the text stay what they are. */
function lowerLetters(text: string): string[] {
  return [...text].map((letter) => [...letter.toLowerCase()][0] ?? '');
}

/** Whether a text holds one of several, in any case. */
export function holdsOne(text: string, sought: readonly string[]): boolean {
  const lowered = lowerLetters(text).join('');
  return sought.some((one) => lowered.includes(lowerLetters(one).join('')));
}

/** The part of a text around the first match, cut into what matches and what does not. */
export function cutSnippet(text: string, sought: readonly string[]): SnippetPart[] {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  const lowered = lowerLetters(letters.join(''));
  const matched = new Array<boolean>(letters.length).fill(false);
  for (const one of sought) markMatches(lowered, lowerLetters(one.replace(/\s+/g, ' ')), matched);
  const first = matched.indexOf(true);
  const start = first > LEAD && letters.length > LENGTH ? first - LEAD : 0;
  const end = Math.min(letters.length, start + LENGTH);
  const parts: SnippetPart[] = [];
  const add = (piece: string, match: boolean) => {
    const last = parts.at(-1);
    if (last?.match === match) last.text += piece;
    else parts.push({ text: piece, match });
  };
  if (start > 0) add('…', false);
  for (let at = start; at < end; at += 1) add(letters[at] ?? '', matched[at] ?? false);
  if (end < letters.length) add('…', false);
  return parts;
}

function markMatches(letters: readonly string[], sought: readonly string[], matched: boolean[]): void {
  if (sought.length === 0) return;
  for (let at = 0; at + sought.length <= letters.length; at += 1) {
    if (sought.every((letter, index) => letters[at + index] === letter))
      matched.fill(true, at, at + sought.length);
  }
}
