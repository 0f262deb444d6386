import { sql } from 'kysely';
import type { ReadContext } from '#platform/unit-of-work.ts';

const MAX_BYTES = 200;
/** Of the customer's first messages that are looked at: they may have begun with pictures. */
const LOOKED_AT = 20;

/**
 * The beginning of what the customer first said in words, or null: attachments are left out (tickets-api.md 4.7).
 */
export async function findFirstWords(
  { tx }: ReadContext,
  ticket: { project_id: number; id: string },
): Promise<string | null> {
  const { rows } = await sql<{ content: string }>`
    select m.content from messages m
    where m.project_id = ${ticket.project_id} and m.ticket_id = ${ticket.id} and m.author_type = 'customer'
      and not m.is_private and m.deleted_at is null
    order by m.created_at limit ${LOOKED_AT}`.execute(tx);
  const words = rows.map(({ content }) => wordsOf(content)).find((text) => text !== '');
  return words === undefined ? null : firstBytes(words, MAX_BYTES);
}

/** Without pictures, and without links that are nothing but an uploaded file. */
function wordsOf(content: string): string {
  return content
    .replace(/!\[[^\]\n]*\]\([^)\s]*(?:\s+"[^"\n]*")?\)/g, '')
    .replace(/\[[^\]\n]*\]\([^)\s]*\/uploaded_media\/[^)\s]*\)/g, '')
    .replace(/[ \t]+$/gm, '')
    .trim();
}

/** As many whole characters as fit into a number of bytes. */
function firstBytes(text: string, max: number): string {
  let [taken, bytes] = ['', 0];
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > max) break;
    taken += character;
  }
  return taken.trimEnd();
}
