import { comments } from '@parley/contract/comments';
import type { Binder } from '#platform/http/binder.ts';
import { listComments } from './comments.list.ts';
import { createComment, retrieveComment, updateComment } from './comments.service.ts';

export function bindCommentRoutes(binder: Binder): void {
  binder.read(comments.list, (context, { project, query, url }) =>
    listComments(context, project, query, url),
  );
  binder.write(comments.create, (uow, { project, body }) => createComment(uow, project, body));
  binder.read(comments.retrieve, (context, { project, params }) =>
    retrieveComment(context, project, params.comment_id),
  );
  binder.write(comments.update, (uow, { project, params, body }) =>
    updateComment(uow, project, params.comment_id, body),
  );
}
