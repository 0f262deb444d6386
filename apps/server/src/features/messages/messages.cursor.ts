import { formatInstant, parseInstant } from '#platform/instant.ts';

/** A place in a thread. Older cursors have no id; within one ticket the instant is the whole position. */
export interface MessageCursor {
  at: string;
  id?: string | undefined;
  backward: boolean;
}

const CURSOR =
  /^([<>])(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)(?:~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?$/;

export function encodeCursor({ at, id, backward }: MessageCursor): string {
  return Buffer.from(`${backward ? '<' : '>'}${at}${id === undefined ? '' : `~${id}`}`).toString('base64url');
}

/** Undefined for what is none: the first page. */
export function decodeCursor(text: string): MessageCursor | undefined {
  const match = CURSOR.exec(Buffer.from(text, 'base64url').toString());
  const instant = match?.[2] === undefined ? undefined : parseInstant(match[2]);
  return instant && { at: formatInstant(instant), id: match?.[3], backward: match?.[1] === '<' };
}
