import { sql } from 'kysely';
import { addFollowers, holdReaders } from '#features/followers/followers.service.ts';
import type { TicketRow } from '#features/tickets/tickets.service.ts';
import type { Project } from '#platform/actor.ts';
import type { Uow } from '#platform/unit-of-work.ts';

/** People in one note; more than that is no mention but a list. */
const MAX_MENTIONS = 100;
const INT4_MAX = 2_147_483_647;
/** `@[Ana](user:3)`, how a mention is written where there is only text. */
const IN_TEXT = /@\[[^\]\n]{1,200}\]\(user:(\d{1,10})\)/g;

function toUserId(value: unknown): number | undefined {
  const id = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= INT4_MAX ? id : undefined;
}

/** Ids in the nodes `{type: "mention", attrs: {id}}` of a TipTap document, however it is nested. */
function inDocument(document: unknown): unknown[] {
  const found: unknown[] = [];
  const open: unknown[] = [document];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if ('type' in node && node.type === 'mention' && 'attrs' in node) {
      const { attrs } = node;
      if (typeof attrs === 'object' && attrs !== null && 'id' in attrs) found.push(attrs.id);
    }
    open.push(...Object.values(node));
  }
  return found;
}

/** User ids a note names, in its rich content or its text; whether they may be mentioned is not checked here. */
export function readMentions(content: string, richContent: unknown): number[] {
  const inText = [...content.matchAll(IN_TEXT)].map(([, id]) => id);
  const ids = [...inText, ...inDocument(richContent)].flatMap((id) => toUserId(id) ?? []);
  return [...new Set(ids)].slice(0, MAX_MENTIONS).sort((a, b) => a - b);
}

export interface Mentions {
  /** Everybody the note mentions now. */
  mentions: number[];
  /** Those it did not mention before: whom to tell. */
  new_mentions: number[];
}

/**
 * Keeps whom a note mentions: people who may see the project; others are ignored. Who is mentioned for the first time
 * follows the ticket from then on, as elsewhere in the field; who merely replies does not (docs/tickets.md).
 */
export async function storeMentions(
  uow: Uow,
  project: Project,
  ticket: TicketRow,
  note: { id: string; content: string; richContent: unknown },
): Promise<Mentions> {
  const mentions = await holdReaders(uow, project, readMentions(note.content, note.richContent));
  const { rows } = await sql<{ user_id: number }>`
    delete from message_mentions where project_id = ${project.id} and message_id = ${note.id}
    returning user_id`.execute(uow.tx);
  const before = rows.map((row) => row.user_id);
  if (mentions.length === 0) return { mentions, new_mentions: [] };
  await uow.tx
    .insertInto('message_mentions')
    .values(mentions.map((user_id) => ({ project_id: project.id, message_id: note.id, user_id })))
    .execute();
  const new_mentions = mentions.filter((id) => !before.includes(id));
  await addFollowers(uow, ticket, new_mentions);
  return { mentions, new_mentions };
}
