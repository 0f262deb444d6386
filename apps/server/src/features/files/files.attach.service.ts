import type { Project } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import type { Uow } from '#platform/unit-of-work.ts';
import { fileUrl } from './files.present.service.ts';
import * as repo from './files.repo.ts';

/** A text with what goes along, as a message holds it. */
export interface Written {
  content: string;
  richContent: unknown;
}

/** A file as it is stored. */
export type FileRow = repo.FileRow;
type Node = Record<string, unknown>;

/** The files a message names, in that order. 400 for what is not the caller's or in a message already. */
export async function findOwnFiles(
  uow: Uow,
  project: Project,
  uploaders: readonly string[],
  ids: readonly string[] | undefined,
): Promise<FileRow[]> {
  if (!ids || ids.length === 0) return [];
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  const found = new Map(
    (await repo.findOwn(uow.tx, project.id, uploaders, wanted)).map((file) => [file.id, file]),
  );
  return wanted.map((id) => {
    const file = found.get(id);
    if (!file) throw invalid('file_ids', 'There is no such file of yours.', 'does_not_exist');
    return file;
  });
}

/** Each file is in one message: the text of another may still link to it. */
export function requireUnheld(files: readonly FileRow[]): void {
  if (files.some((file) => file.message_id !== null))
    throw invalid('file_ids', 'A message holds this file already.', 'unique');
}

/** Text, then images, then links to other files, in Markdown and in the document (channels.md 1.6). */
export function withFiles(written: Written, files: readonly FileRow[], origin: string): Written {
  if (files.length === 0) return written;
  const ordered = [...files.filter((file) => file.is_image), ...files.filter((file) => !file.is_image)];
  const content = [written.content, ...ordered.map((file) => toMarkdown(file, origin))]
    .filter((part) => part !== '')
    .join('\n\n');
  return {
    content,
    richContent: append(
      written,
      ordered.map((file) => toNode(file, origin)),
    ),
  };
}

function toMarkdown(file: FileRow, origin: string): string {
  return `${file.is_image ? '!' : ''}[${file.name}](${fileUrl(origin, file)})`;
}

function toNode(file: FileRow, origin: string): Node {
  const href = fileUrl(origin, file);
  if (file.is_image) return { type: 'image', attrs: { src: href, alt: file.name } };
  const marks = [{ type: 'link', attrs: { href } }];
  return { type: 'paragraph', content: [{ type: 'text', text: file.name, marks }] };
}

/** Of a message without a document, one is made of its text. */
function append({ content, richContent }: Written, nodes: readonly Node[]): unknown {
  if (richContent === null || richContent === undefined)
    return { type: 'doc', content: [...toParagraphs(content), ...nodes] };
  const document = richContent as { content?: unknown };
  const before: unknown[] = Array.isArray(document.content) ? document.content : [];
  return { ...document, content: [...before, ...nodes] };
}

function toParagraphs(text: string): Node[] {
  if (text === '') return [];
  return text.split(/\n{2,}/).map((paragraph) => ({
    type: 'paragraph',
    content: paragraph
      .split('\n')
      .flatMap((line, index) => [
        ...(index > 0 ? [{ type: 'hardBreak' }] : []),
        ...(line === '' ? [] : [{ type: 'text', text: line }]),
      ]),
  }));
}

const LINK = /\/files\/([\w-]{43})\//g;

/** Binds what a message links to to it: it goes when the message goes, and not before. */
export async function holdFiles(
  uow: Uow,
  projectId: number,
  messageId: string,
  { content, richContent }: Written,
): Promise<void> {
  if (!content.includes('/files/') && richContent === null) return;
  const text = `${content} ${JSON.stringify(richContent)}`;
  const tokens = [...new Set([...text.matchAll(LINK)].map(([, token = '']) => token))];
  if (tokens.length > 0) await repo.hold(uow.tx, projectId, messageId, tokens);
}
