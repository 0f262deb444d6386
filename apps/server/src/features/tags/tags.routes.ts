import { tagManagement } from '@parley/contract/tag-management';
import { tags } from '@parley/contract/tags';
import type { Binder } from '#platform/http/binder.ts';
import { deleteTag, mergeTags, renameTag } from './tag-operations.begin.ts';
import { listOperations, showOperation } from './tag-operations.list.ts';
import { listTags } from './tags.list.ts';

export function bindTagRoutes(binder: Binder): void {
  binder.read(tags.list, (context, { project, query, url }) => listTags(context, project, query, url));
  binder.write(tagManagement.rename, (uow, { project, params, body }) =>
    renameTag(uow, project, params.name, body.name),
  );
  binder.write(tagManagement.merge, (uow, { project, body }) => mergeTags(uow, project, body));
  binder.write(tagManagement.delete, (uow, { project, params }) => deleteTag(uow, project, params.name));
  binder.read(tagManagement.operations, (context, { project, query, url }) =>
    listOperations(context, project, query, url),
  );
  binder.read(tagManagement.operation, (context, { project, params }) =>
    showOperation(context, project, params.operation_id),
  );
}
