import { availability } from '@parley/contract/availability';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { listAvailability, updateAvailability } from './availability.service.ts';

export function bindAvailabilityRoutes(binder: Binder): void {
  const account = wholeAccount(binder);
  account.read(availability.list, (context, { organization }) => listAvailability(context, organization.id));
  account.write(availability.update, (uow, { organization, params, body }) =>
    updateAvailability(uow, organization, params.user_id, body.is_available),
  );
}
