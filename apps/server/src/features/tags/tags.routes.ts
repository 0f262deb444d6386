import { tags } from '@parley/contract/tags';
import type { Binder } from '#platform/http/binder.ts';
import { listTags } from './tags.list.ts';

export function bindTagRoutes(binder: Binder): void {
  binder.read(tags.list, (context, { project, query, url }) => listTags(context, project, query, url));
}
