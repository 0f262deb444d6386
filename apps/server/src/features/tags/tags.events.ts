import type { Reactions } from '#platform/events/event.ts';
import { cleanTags } from './tags.jobs.ts';

/** A ticket that lost tags may have been the last to have them. */
export const tagReactions: Reactions = {
  'tickets.update': ({ projectId, payload }) => {
    const names = payload && 'removed_tags' in payload ? payload.removed_tags : undefined;
    return Array.isArray(names) && names.length > 0 ? [cleanTags.call({ projectId, names })] : [];
  },
};
