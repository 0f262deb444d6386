import type { CommentUpdate } from '@parley/contract/comments';
import { checkRichContent } from '#features/messages/rich-content.service.ts';
import { invalid } from '#platform/api-error.ts';

export interface CommentContent {
  content: string;
  richContent: unknown;
}

/** Nodes that say nothing by being there. */
const EMPTY_NODES = ['doc', 'paragraph', 'text', 'hardBreak'];

interface Read {
  text: string;
  /** An image, a mention or the like. */
  hasObject: boolean;
}

/** The words of a TipTap document, a line per paragraph, and whether it holds anything else. */
function readDocument(value: unknown): Read {
  if (typeof value !== 'object' || value === null) return { text: '', hasObject: false };
  const { type, text, content }: { type?: unknown; text?: unknown; content?: unknown } = value;
  if (typeof text === 'string') return { text, hasObject: false };
  const children = Array.isArray(content) ? content.map(readDocument) : [];
  const isBlock = children.length > 0 && type !== 'paragraph';
  return {
    text: type === 'hardBreak' ? '\n' : children.map((child) => child.text).join(isBlock ? '\n' : ''),
    hasObject:
      (typeof type === 'string' && !EMPTY_NODES.includes(type) && children.length === 0) ||
      children.some((child) => child.hasObject),
  };
}

const MAX_CONTENT = 5000;

/**
 * What a comment says: one of text and rich content must say something (tickets-api.md 4.9). Where there is no text it
 * is taken from the document, for lists, searches and mail.
 */
export function readContent(body: Pick<CommentUpdate, 'content' | 'rich_content'>): CommentContent {
  const richContent = checkRichContent(body.rich_content);
  const content = (body.content ?? '').trim();
  if (content !== '') return { content, richContent };
  const { text, hasObject } = readDocument(richContent);
  const words = text.trim();
  if (words === '' && !hasObject)
    throw invalid('content', 'A comment needs content or rich content.', 'blank');
  if ([...words].length > MAX_CONTENT)
    throw invalid(
      'rich_content',
      `Ensure it has no more than ${MAX_CONTENT} characters of text.`,
      'max_length',
    );
  return { content: words, richContent };
}
