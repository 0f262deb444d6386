import type { ReadContext, Uow } from '#platform/unit-of-work.ts';
import { hashPassword } from './password.ts';
import * as repo from './users.repo.ts';

export interface CreateUserInput {
  email: string;
  firstName: string;
  lastName: string;
  passwordHash: string;
}

/** A hash to hand to createUser. Slow on purpose, so it is made before the unit of work is opened. */
export function preparePassword(password: string): Promise<string> {
  return hashPassword(password);
}

/** Undefined when the address belongs to somebody already. */
export async function createUser(
  uow: Uow,
  input: CreateUserInput,
): Promise<{ id: number; uuid: string } | undefined> {
  const { email, firstName, lastName, passwordHash } = input;
  const row = { email: email.toLowerCase(), first_name: firstName, last_name: lastName };
  const user = await repo.insert(uow.tx, row, uow.now);
  if (user) await repo.insertPassword(uow.tx, user.id, passwordHash, uow.now);
  return user;
}

export function hasUsers(context: ReadContext): Promise<boolean> {
  return repo.exists(context.tx);
}

/** The user an address belongs to. */
export async function findUserId(context: ReadContext, email: string): Promise<number | undefined> {
  return (await repo.findByEmail(context.tx, email.toLowerCase()))?.id;
}
