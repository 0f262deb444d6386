import { contentArticles } from '@parley/contract/content-articles';
import type { Binder } from '#platform/http/binder.ts';
import {
  createContentArticle,
  deleteContentArticle,
  listContentArticles,
  showContentArticle,
  updateContentArticle,
} from './content-articles.service.ts';

export function bindContentArticleRoutes(binder: Binder): void {
  binder.read(contentArticles.list, (context, { project, query, url }) =>
    listContentArticles(context, project, query, url),
  );
  binder.write(contentArticles.create, (uow, { project, body }) => createContentArticle(uow, project, body));
  binder.read(contentArticles.retrieve, (context, { project, params }) =>
    showContentArticle(context, project, params.id),
  );
  binder.write(contentArticles.update, (uow, { project, params, body }) =>
    updateContentArticle(uow, project, params.id, body),
  );
  binder.write(contentArticles.replace, (uow, { project, params, body }) =>
    updateContentArticle(uow, project, params.id, body),
  );
  binder.write(contentArticles.delete, async (uow, { project, params }) => {
    await deleteContentArticle(uow, project, params.id);
    return undefined;
  });
}
