import { preferences } from '@parley/contract/preferences';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import {
  showPreferences,
  showProjectPreferences,
  updatePreferences,
  updateProjectPreferences,
} from './preferences.service.ts';

export function bindPreferenceRoutes(binder: Binder): void {
  const account = wholeAccount(binder);
  account.read(preferences.retrieve, (context) => showPreferences(context));
  account.write(preferences.update, (uow, { body }) => updatePreferences(uow, body));
  binder.read(preferences.retrieveProject, (context, { project }) =>
    showProjectPreferences(context, project),
  );
  binder.write(preferences.updateProject, (uow, { project, body }) =>
    updateProjectPreferences(uow, project, body),
  );
}
