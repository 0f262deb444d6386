import { RICH_CONTENT_MAX } from '@parley/contract/messages';
import { invalid } from '#platform/api-error.ts';

/** A TipTap document as it may be stored, or null (tickets-api.md 2.9). */
export function checkRichContent(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (JSON.stringify(value).length > RICH_CONTENT_MAX) {
    throw invalid(
      'rich_content',
      `Ensure this field has no more than ${RICH_CONTENT_MAX} characters.`,
      'max_length',
    );
  }
  return value;
}
