import type { ReplyBody } from '@parley/contract/messages';
import { type FileRow, withFiles } from '#features/files/files.attach.service.ts';
import { invalid } from '#platform/api-error.ts';
import { checkRichContent } from './rich-content.service.ts';

/** A message says something, or brings a file. */
export function requireWords({
  message,
  file_ids = [],
}: {
  message: string;
  file_ids?: readonly string[];
}): void {
  if (message.trim() === '' && file_ids.length === 0)
    throw invalid('message', 'This field may not be blank.', 'blank');
}

/** A reply with its files in its text. */
export function addFiles(body: ReplyBody, files: readonly FileRow[], origin: () => string): ReplyBody {
  if (files.length === 0) return body;
  const written = { content: body.message.trim(), richContent: checkRichContent(body.rich_content) };
  const { content, richContent } = withFiles(written, files, origin());
  return { ...body, message: content, rich_content: richContent };
}
