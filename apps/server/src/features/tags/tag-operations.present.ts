import type { TagOperation } from '@parley/contract/tag-management';
import { formatInstant } from '#platform/instant.ts';
import type { TagOperationRow } from './tag-operations.repo.ts';

export function presentOperation(row: TagOperationRow): TagOperation {
  return {
    id: row.id,
    kind: row.kind,
    from: row.from_tags,
    into: row.into_tag,
    state: row.state,
    tickets_total: row.tickets_total,
    tickets_changed: row.tickets_changed,
    created_at: formatInstant(row.created_at),
    finished_at: row.finished_at && formatInstant(row.finished_at),
  };
}
