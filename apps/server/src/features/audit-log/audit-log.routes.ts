import { auditLog } from '@parley/contract/audit-log';
import type { Binder } from '#platform/http/binder.ts';
import { wholeAccount } from '#platform/http/whole-account.ts';
import { listAuditLog } from './audit-log.list.ts';

export function bindAuditLogRoutes(binder: Binder): void {
  wholeAccount(binder).read(auditLog.list, (context, { organization, query, url }) =>
    listAuditLog(context, organization.id, query, url),
  );
}
