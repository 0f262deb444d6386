import { randomBytes } from 'node:crypto';
import { PASSWORD_LENGTH } from '@parley/contract/people';
import { MEMBERSHIP_LEVELS, type MembershipLevel } from '@parley/contract/route';
import { StringEnum } from '@parley/contract/schemas';
import Type, { type Static } from 'typebox';
import { createUser, preparePassword } from '#features/auth/users.service.ts';
import { addMember } from '#features/organizations/members.service.ts';
import { holdOrganization } from '#features/organizations/organizations.service.ts';
import type { Actor } from '#platform/actor.ts';
import { invalid } from '#platform/api-error.ts';
import { assertValid } from '#platform/http/validator.ts';
import type { UnitOfWork } from '#platform/unit-of-work.ts';
import { adminError } from './admin-error.ts';
import * as lookups from './lookups.repo.ts';

export const CreateUserArgs = Type.Object({
  email: Type.String({ format: 'email', maxLength: 254 }),
  password: Type.Optional(Type.String({ minLength: PASSWORD_LENGTH.min, maxLength: PASSWORD_LENGTH.max })),
  level: Type.Optional(StringEnum(MEMBERSHIP_LEVELS)),
  first_name: Type.Optional(Type.String({ maxLength: 150 })),
  last_name: Type.Optional(Type.String({ maxLength: 150 })),
});

export interface CreatedUser {
  id: number;
  uuid: string;
  email: string;
  level: MembershipLevel;
  organization_id: string;
  /** Only when it was generated just now: it is not kept anywhere. */
  password?: string;
}

const SYSTEM: Actor = { kind: 'system' };

/** A person who can sign in, as a member of the installation's organization. */
export async function createUserCommand(unitOfWork: UnitOfWork, args: unknown): Promise<CreatedUser> {
  assertValid(CreateUserArgs, args);
  // assertValid has just checked it.
  const input = args as Static<typeof CreateUserArgs>;
  const generated = input.password === undefined ? randomBytes(18).toString('base64url') : undefined;
  const passwordHash = await preparePassword(input.password ?? generated ?? '');
  const email = input.email.toLowerCase();
  const level = input.level ?? 'member';
  return unitOfWork.run(SYSTEM, async (uow) => {
    const organization = await lookups.findFirstOrganization(uow.tx);
    if (!organization) throw adminError('not_set_up', 'There is no organization yet: start Parley once.');
    const names = { firstName: input.first_name ?? '', lastName: input.last_name ?? '' };
    const user = await createUser(uow, { email, passwordHash, ...names });
    if (!user) throw invalid('email', 'A user with this e-mail address exists already.', 'unique');
    await holdOrganization(uow, organization.id);
    await addMember(uow, { organization_id: organization.id, user_id: user.id, level });
    const password = generated === undefined ? {} : { password: generated };
    return { ...user, email, level, organization_id: organization.id, ...password };
  });
}
