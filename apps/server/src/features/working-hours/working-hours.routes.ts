import { workingHours } from '@parley/contract/working-hours';
import type { Binder } from '#platform/http/binder.ts';
import { retrieveWorkingHours, updateWorkingHours } from './working-hours.service.ts';

export function bindWorkingHoursRoutes(binder: Binder): void {
  binder.read(workingHours.retrieve, (context, { project }) => retrieveWorkingHours(context, project));
  binder.write(workingHours.update, (uow, { project, body }) => updateWorkingHours(uow, project, body));
}
