import { guidanceRules } from '@parley/contract/guidance-rules';
import type { Binder } from '#platform/http/binder.ts';
import {
  createGuidanceRule,
  deleteGuidanceRule,
  listGuidanceRules,
  showGuidanceRule,
  updateGuidanceRule,
} from './guidance-rules.service.ts';

export function bindGuidanceRuleRoutes(binder: Binder): void {
  binder.read(guidanceRules.list, (context, { project, query, url }) =>
    listGuidanceRules(context, project, query, url),
  );
  binder.write(guidanceRules.create, (uow, { project, body }) => createGuidanceRule(uow, project, body));
  binder.read(guidanceRules.retrieve, (context, { project, params }) =>
    showGuidanceRule(context, project, params.id),
  );
  binder.write(guidanceRules.update, (uow, { project, params, body }) =>
    updateGuidanceRule(uow, project, params.id, body),
  );
  binder.write(guidanceRules.replace, (uow, { project, params, body }) =>
    updateGuidanceRule(uow, project, params.id, body),
  );
  binder.write(guidanceRules.delete, async (uow, { project, params }) => {
    await deleteGuidanceRule(uow, project, params.id);
    return undefined;
  });
}
