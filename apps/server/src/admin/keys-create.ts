import { SCOPES, type Scope } from '@parley/contract/route';
import { NonBlank, StringEnum } from '@parley/contract/schemas';
import Type, { type Static } from 'typebox';
import { issueKey } from '#features/api-keys/api-keys.service.ts';
import type { Actor } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { assertValid } from '#platform/http/validator.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import * as lookups from './lookups.repo.ts';

export const CreateKeyArgs = Type.Object({
  email: Type.String({ maxLength: 254 }),
  scopes: Type.Array(StringEnum(SCOPES), { minItems: 1, maxItems: SCOPES.length }),
  label: Type.Optional(NonBlank(100)),
  /** Left out: every project its user can access. */
  project_ids: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), { minItems: 1, maxItems: 100 }),
  ),
});

export interface CreatedKey {
  id: string;
  label: string;
  email: string;
  scopes: Scope[];
  project_ids: number[] | null;
  /** The key itself. It is shown this once. */
  key: string;
}

const SYSTEM: Actor = { kind: 'system' };

/** A personal key for a user, who can do no more with it than that user can. */
export async function createKeyCommand(unitOfWork: UnitOfWork, args: unknown): Promise<CreatedKey> {
  assertValid(CreateKeyArgs, args);
  // assertValid has just checked it.
  const input = args as Static<typeof CreateKeyArgs>;
  const label = input.label ?? 'Command line';
  const scopes = [...new Set(input.scopes)];
  const projects = input.project_ids ?? null;
  return unitOfWork.run(SYSTEM, async (uow) => {
    const user = await lookups.findUser(uow.tx, input.email.toLowerCase());
    if (!user) throw invalid('email', 'No user has this e-mail address.', 'does_not_exist');
    const known = await lookups.findProjectIds(uow.tx, user.id, projects ?? []);
    const unknown = projects?.find((id) => !known.includes(id));
    if (unknown !== undefined) {
      throw invalid('project_ids', `The user is in no project with the id ${unknown}.`, 'does_not_exist');
    }
    const key = await issueKey(uow, { userId: user.id, label, scopes, projectIds: projects });
    return { id: key.id, label, email: user.email, scopes, project_ids: projects, key: key.token };
  });
}
