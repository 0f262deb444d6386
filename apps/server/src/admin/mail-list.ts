import Type, { type Static } from 'typebox';
import type { Actor } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { assertValid } from '#platform/http/validator.ts';
import { formatInstant } from '#platform/instant.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import * as lookups from './lookups.repo.ts';

export const ListMailArgs = Type.Object({
  /** Left out: the project that was made first. */
  project_id: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});

export interface ListedMail {
  id: string;
  created_at: string;
  state: string;
  to: string;
  subject: string;
  content: string;
}

const DEFAULT_LIMIT = 20;
const SYSTEM: Actor = { kind: 'system' };

/** What waits to be mailed and what was, newest first. For whoever owns the machine: links in it open what they open. */
export async function listMailCommand(
  unitOfWork: UnitOfWork,
  args: unknown,
): Promise<{ mails: ListedMail[] }> {
  assertValid(ListMailArgs, args);
  // assertValid has just checked it.
  const { project_id, limit = DEFAULT_LIMIT } = args as Static<typeof ListMailArgs>;
  return unitOfWork.read(SYSTEM, async ({ tx }) => {
    const project = await lookups.findProject(tx, project_id);
    if (!project) throw invalid('project_id', 'There is no such project.', 'does_not_exist');
    const rows = await lookups.findMail(tx, project.id, limit);
    return { mails: rows.map((row) => ({ ...row, created_at: formatInstant(row.created_at) })) };
  });
}
